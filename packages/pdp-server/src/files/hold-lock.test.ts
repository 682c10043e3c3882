import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { holdLock } from './hold-lock.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edict-lock-'))
  path = join(folder, 'keys.json.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Holds the lock in a process of its own. */
async function holdElsewhere() {
  const code = `
    const { holdLock } = await import(${JSON.stringify(join(import.meta.dirname, 'hold-lock.ts'))})
    await holdLock(${JSON.stringify(path)}, 'the file')
    process.send('held')
    process.on('message', () => {})
  `
  const file = join(folder, 'owner.mjs')
  writeFileSync(file, code)
  const owner = fork(file, { execArgv: [] })
  await once(owner, 'message')
  return owner
}

suite('holdLock', () => {
  it('keeps others out, and ends with its owner, however that ends', async () => {
    const owner = await holdElsewhere()
    await expect(holdLock(path, 'the file', 0)).rejects.toMatchObject({
      code: 'unwritable-file',
      message: 'another command changes the file: try again once it is done',
    })
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    const unlock = await holdLock(path, 'the file', 0)
    // One who takes over keeps others out like any.
    await expect(holdLock(path, 'the file', 0)).rejects.toThrow(/another command/)
    unlock()
    ;(await holdLock(path, 'the file', 0))()
  })

  it('lets one in after another, in whatever order', async () => {
    let inside = 0
    const enter = async () => {
      const unlock = await holdLock(path, 'the file')
      expect(++inside).toBe(1)
      await new Promise(setImmediate)
      inside--
      unlock()
    }
    await Promise.all([enter(), enter(), enter()])
  })

  it('leaves an empty file for its owner alone, and takes the one that an interrupted command left', async () => {
    ;(await holdLock(path, 'the file'))()
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['', 0o600])
    ;(await holdLock(path, 'the file', 0))()
  })

  it('refuses a place that cannot be written', async () => {
    await expect(holdLock(join(folder, 'no', 'x.lock'), 'the file')).rejects.toMatchObject({
      code: 'unwritable-file',
      message: expect.stringMatching(/the file cannot be locked .*ENOENT/),
    })
  })
})
