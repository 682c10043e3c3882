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
    const handle = await open(join(directory, 'd.log'))
    const prototype = Object.getPrototypeOf(handle)
    await handle.close()
    const failing = vi.spyOn(prototype, 'appendFile').mockImplementationOnce(async () => {
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
