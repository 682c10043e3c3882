import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Chunk } from './channel.ts'
import { createFileChannel, type FileChannelOptions } from './file-channel.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'edict-log-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const create = (options: Partial<FileChannelOptions> = {}) =>
  createFileChannel({ path: join(directory, 'd.log'), maxBytes: 100, keep: 2, isDurable: false, ...options })
const chunk = (text: string): Chunk => ({ bytes: Buffer.from(`${text}\n`), lineCount: 1 })
const read = (name = 'd.log') => readFileSync(join(directory, name), 'utf8')

async function prototypeOfHandles() {
  const handle = await open(directory)
  await handle.close()
  return Object.getPrototypeOf(handle)
}

describe('createFileChannel', () => {
  it.each([true, false])('appends to what is there (durable: %s)', async (isDurable) => {
    writeFileSync(join(directory, 'd.log'), 'old\n')
    const channel = create({ isDurable })
    await channel.deliver([chunk('a'), chunk('b')])
    await channel.deliver([chunk('c')])
    expect(read()).toBe('old\na\nb\nc\n')
    await channel.close()
  })

  it('begins on a line of its own where another process died within one', async () => {
    writeFileSync(join(directory, 'd.log'), '{"torn":')
    const channel = create()
    await channel.deliver([chunk('a')])
    expect(read()).toBe('{"torn":\na\n')
    await channel.close()
  })

  it('changes the file before it would be too large, and keeps as many as it is told', async () => {
    const channel = create()
    for (const letter of 'abcdef') await channel.deliver([chunk(letter.repeat(60))])
    await channel.close()
    expect(readdirSync(directory).sort()).toEqual(['d.log', 'd.log.1', 'd.log.2'])
    expect([read(), read('d.log.1'), read('d.log.2')].map((text) => text[0])).toEqual(['f', 'e', 'd'])
  })

  it('gives files their numbers where a process died while it changed them', async () => {
    for (const name of ['d.log.0', 'd.log.1', 'd.log.2']) writeFileSync(join(directory, name), name)
    const channel = create()
    await channel.prepare?.()
    await channel.close()
    expect([read(), read('d.log.1'), read('d.log.2')]).toEqual(['', 'd.log.0', 'd.log.1'])
    expect(readdirSync(directory)).toHaveLength(3)
  })

  it('says where old files cannot be moved, and goes on once they can', async () => {
    const channel = create({ keep: 1 })
    await channel.deliver([chunk('a'.repeat(60))])
    mkdirSync(join(directory, 'd.log.1'))
    await channel.deliver([chunk('b'.repeat(60))])
    await expect(channel.deliver([chunk('c'.repeat(60))])).rejects.toThrow(/EISDIR|EEXIST|ENOTEMPTY/)
    rmSync(join(directory, 'd.log.1'), { recursive: true })
    await channel.deliver([chunk('d'.repeat(60))])
    await channel.close()
    expect([read()[0], read('d.log.1')[0]]).toEqual(['d', 'b'])
  })

  // Each step ends behind all requests that came meanwhile: what takes many falls behind under load.
  it('writes a delivery in one step, however large', async () => {
    const channel = create({ maxBytes: 1e9 })
    const write = vi.spyOn(await prototypeOfHandles(), 'writev')
    await channel.deliver(Array.from({ length: 2000 }, (_, line) => chunk(`${line}`.padEnd(4000))))
    expect(write).toHaveBeenCalledTimes(1)
    write.mockRestore()
    expect(read().split('\n').map(Number)).toEqual([...Array(2000).keys(), 0])
    await channel.close()
  })

  it('writes the rest where the system takes less', async () => {
    const channel = create()
    const prototype = await prototypeOfHandles()
    const { write } = prototype
    const writev = vi.spyOn(prototype, 'writev').mockImplementation(async function (this: unknown, buffers) {
      return write.call(this, Buffer.concat(buffers as Buffer[]).subarray(0, 3))
    })
    await channel.deliver(['ab', 'c', 'defg', '', 'h'].map(chunk))
    writev.mockRestore()
    expect(read()).toBe('ab\nc\ndefg\n\nh\n')
    await channel.close()
  })

  it('keeps a line whole that is larger than a file', async () => {
    const channel = create()
    await channel.deliver([chunk('a'.repeat(500))])
    await channel.deliver([chunk('b')])
    await channel.close()
    expect([read(), read('d.log.1').length]).toEqual(['b\n', 501])
  })

  it('leaves nothing torn or twice where writing fails half-way', async () => {
    const channel = create()
    await channel.deliver([chunk('a')])
    const prototype = await prototypeOfHandles()
    const failing = vi.spyOn(prototype, 'writev').mockImplementationOnce(async () => {
      appendFileSync(join(directory, 'd.log'), 'half of ')
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    })
    await expect(channel.deliver([chunk('b')])).rejects.toThrow('no space')
    failing.mockRestore()
    expect(read()).toBe('a\n')
    await channel.deliver([chunk('b')])
    expect(read()).toBe('a\nb\n')
    await channel.close()
  })

  it('takes nothing more once it is closed, and leaves nothing open', async () => {
    const channel = create()
    await channel.deliver([chunk('a')])
    const late = channel.deliver([chunk('b')])
    await channel.close()
    await Promise.allSettled([late])
    await expect(channel.deliver([chunk('c')])).rejects.toThrow('closed')
    expect(read()).toMatch(/^a\n(b\n)?$/)
  })

  it('writes on where the file was taken away by others and the folder is there again', async () => {
    const channel = create({ path: join(directory, 'sub/d.log') })
    await expect(channel.deliver([chunk('a')])).rejects.toThrow('ENOENT')
    mkdirSync(join(directory, 'sub'))
    await channel.deliver([chunk('a')])
    expect(read('sub/d.log')).toBe('a\n')
    await channel.close()
  })

  it('is refused before it starts where it cannot be written', async () => {
    const channel = create({ path: join(directory, 'missing/d.log') })
    await expect(channel.prepare?.()).rejects.toMatchObject({
      code: 'unwritable-file',
      message: expect.stringMatching(/missing\/d\.log \(ENOENT\)$/),
    })
  })

  it.runIf(process.platform === 'linux')('says that the disk is full', async () => {
    const channel = create({ path: '/dev/full' })
    await expect(channel.deliver([chunk('a')])).rejects.toThrow('ENOSPC')
    await channel.close()
  })
})
