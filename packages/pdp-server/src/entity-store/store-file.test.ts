import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { createStoreFolder } from '../test-support/entity-store.ts'
import { type BackendReply, openStore, openStoreHere, openStoreThread } from './store-backend.ts'
import { type Commit, openStoreFile } from './store-file.ts'

const row = (key: string, number = 1) => ({ table: 'entity', key, content: '{}', number }) as const
const commitOf = (number: number, ...keys: readonly string[]): Commit => ({
  number,
  version: `v${number}`,
  rows: keys.map((key) => row(key, number)),
  replies: [],
  now: 0,
})

const STORE_PROCESS = join(import.meta.dirname, '..', 'test-support', 'store-process.ts')
const newPath = (): string => join(createStoreFolder(), 'store.db')

/** It is not opened, and what is said of it. */
function checkRefused(path: string, message: RegExp | string): void {
  expect(() => openStoreFile(path)).toThrow(
    expect.objectContaining({ code: 'unreadable-files', message: expect.stringMatching(message) }),
  )
}

describe('openStoreFile', () => {
  it('has what was committed when it is opened again', () => {
    const path = newPath()
    const file = openStoreFile(path, { create: true })
    expect(file.state()).toEqual({ number: 0, version: '' })
    file.commit(commitOf(1, 'a', 'b'))
    file.commit({ ...commitOf(2), rows: [{ ...row('a'), content: undefined }] })
    file.close()
    const again = openStoreFile(path)
    expect(again.state()).toEqual({ number: 2, version: 'v2' })
    expect(again.entities().map(({ key }) => key)).toEqual(['b'])
    again.close()
  })

  it('is for its owner alone', () => {
    const path = newPath()
    const file = openStoreFile(path, { create: true })
    file.commit(commitOf(1, 'a'))
    for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o077).toBe(0)
    file.close()
  })

  it('flushes each commit, checks the file, and lets in no other, as it reads back', () => {
    const path = newPath()
    const file = openStoreFile(path, { create: true })
    file.commit(commitOf(1, 'a'))
    checkRefused(path, 'another process has this entity store open')
    // The log is there before the file is: what is committed is in it.
    expect(readFileSync(`${path}-wal`).includes('"a"') || readFileSync(`${path}-wal`).includes('a{}')).toBe(
      true,
    )
    file.close()
    expect(existsSync(`${path}-wal`)).toBe(false)
    const again = openStoreFile(path)
    checkRefused(path, 'another process has this entity store open')
    expect(existsSync(`${path}-shm`)).toBe(false)
    again.close()
  })

  it('leaves no trace of a commit that does not succeed', () => {
    const file = openStoreFile(newPath(), { create: true })
    file.commit(commitOf(1, 'a'))
    const bad = { ...row('c'), content: 7n as unknown as string, key: null as unknown as string }
    expect(() => file.commit({ ...commitOf(2, 'b'), rows: [row('b'), bad] })).toThrow()
    expect(file.entities().map(({ key }) => key)).toEqual(['a'])
    expect(file.state()).toEqual({ number: 1, version: 'v1' })
    file.commit(commitOf(2, 'b'))
    expect(file.entities()).toHaveLength(2)
    file.close()
  })

  it('refuses what is no store of its own', () => {
    const path = newPath()
    checkRefused(path, 'there is no entity store')
    checkRefused(join(path, 'below'), 'there is no entity store')
    expect(() => openStoreFile(join(path, 'below'), { create: true })).toThrow(/cannot be made \(ENOENT\)/)
    writeFileSync(path, 'some text that is no database at all, and longer than a head of one: '.repeat(20))
    checkRefused(path, 'is no entity store')
    const foreign = newPath()
    const database = new DatabaseSync(foreign)
    database.exec('CREATE TABLE entity (key TEXT)')
    database.close()
    checkRefused(foreign, 'is no entity store')
    // Its mode was not touched.
    const read = new DatabaseSync(foreign)
    expect(read.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
    read.close()
    checkRefused(createStoreFolder(), /cannot be opened/)
  })

  it('refuses a store of another form', () => {
    const path = newPath()
    openStoreFile(path, { create: true }).close()
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 2')
    database.close()
    checkRefused(path, 'is a store of another version of Edict \\(form 2\\)')
  })

  it('refuses a file that is corrupt', () => {
    const path = newPath()
    const file = openStoreFile(path, { create: true })
    file.commit(commitOf(1, ...Array.from({ length: 3000 }, (_, index) => `key number ${index}`)))
    file.close()
    const { size } = statSync(path)
    const bytes = readFileSync(path)
    bytes.fill(0xff, Math.trunc(size / 2), Math.trunc(size / 2) + 4096)
    writeFileSync(path, bytes)
    checkRefused(path, /corrupt|malformed/)
    truncateSync(path, Math.trunc(size / 2))
    checkRefused(path, /corrupt|malformed/)
  })

  it.skipIf(process.getuid?.() === 0)('refuses a file that cannot be written', () => {
    const path = newPath()
    openStoreFile(path, { create: true }).close()
    chmodSync(path, 0o400)
    checkRefused(path, 'cannot be written')
  })
})

describe('a log that a crash of the machine cut short', () => {
  it('has every commit whose end was flushed, and nothing of the next', () => {
    const path = newPath()
    const file = openStoreFile(path, { create: true })
    const sizes = [1, 2, 3, 4, 5, 6].map((number) => {
      const keys = Array.from({ length: number * 7 }, (_, index) => `key ${index} of ${number}`)
      file.commit(commitOf(number, ...keys))
      return statSync(`${path}-wal`).size
    })
    const [base, log] = [readFileSync(path), readFileSync(`${path}-wal`)]
    file.close()
    const reopen = (bytes: Buffer): number => {
      const copy = newPath()
      writeFileSync(copy, base)
      writeFileSync(`${copy}-wal`, bytes)
      const again = openStoreFile(copy)
      const { number } = again.state()
      expect(again.entities()).toHaveLength((7 * number * (number + 1)) / 2)
      again.close()
      return number
    }
    for (const [index, size] of sizes.entries()) {
      const next = sizes[index + 1] ?? size
      expect(reopen(log.subarray(0, size))).toBe(index + 1)
      // Cut within the next commit, and as long as it, but not all of it written.
      for (const share of [0.1, 0.5, 0.99]) {
        const cut = size + Math.trunc((next - size) * share)
        if (next === size) continue
        expect(reopen(log.subarray(0, cut))).toBe(index + 1)
        const torn = Buffer.concat([log.subarray(0, cut), Buffer.alloc(next - cut)])
        expect(reopen(torn)).toBe(index + 1)
      }
    }
  })
})

describe('the lock of a store', () => {
  it('keeps out other processes, and ends with its owner', async () => {
    const path = newPath()
    openStoreFile(path, { create: true }).close()
    const file = openStoreFile(path)
    const kindOf = async (child: ChildProcess): Promise<unknown> => {
      const [reply] = await once(child, 'message')
      return (reply as BackendReply).kind
    }
    const refused = fork(STORE_PROCESS, [path], { execArgv: [] })
    expect(await kindOf(refused)).toBe('refused')
    refused.kill()
    file.close()
    const owner = fork(STORE_PROCESS, [path], { execArgv: [] })
    expect(await kindOf(owner)).toBe('opened')
    checkRefused(path, 'another process has this entity store open')
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    openStoreFile(path).close()
  })
})

describe('openStore', () => {
  it('grows the number of a copy that was put in place of a newer file', async () => {
    const path = newPath()
    const numberAt = async (now: number, floor?: number): Promise<number> => {
      const options = { create: true, now, ...(floor !== undefined && { floor }) }
      const backend = await openStore(path, options, openStoreHere)
      const { number } = backend.takeContents()
      await backend.close()
      return number
    }
    expect(await numberAt(1000)).toBe(1000)
    expect(await numberAt(5000)).toBe(5000)
    expect(await numberAt(2000)).toBe(5001)
    // Other data had that number before.
    expect(await numberAt(2000, 8000)).toBe(8001)
    expect(await numberAt(2000)).toBe(8002)
  })

  it('owns the file in a thread of its own', async () => {
    const path = newPath()
    const backend = await openStoreThread(path, { create: true })
    const replies = [{ key: 'k', fingerprint: 'f', expires: 5, content: '{}' }]
    await backend.commit({ ...commitOf(1, 'a'), replies })
    expect(await backend.replies(['k', 'none'])).toEqual(replies)
    await expect(openStoreThread(path)).rejects.toThrow('another process has this entity store open')
    await expect(
      backend.commit({ ...commitOf(2), rows: [row(null as unknown as string)] }),
    ).rejects.toMatchObject({
      code: 'store-failed',
    })
    await backend.commit({ ...commitOf(2, 'b'), now: 5 })
    expect(await backend.replies(['k'])).toEqual([])
    await backend.close()
    await expect(backend.commit(commitOf(3))).rejects.toMatchObject({ code: 'store-failed' })
    const again = await openStoreThread(path)
    expect(again.takeContents()).toMatchObject({ number: 2, entities: [{ key: 'a' }, { key: 'b' }] })
    await again.close()
  })
})
