import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Chunk } from './channel.ts'
import { createStdoutChannel } from './stdout-channel.ts'

const chunk = (text: string): Chunk => ({ bytes: Buffer.from(`${text}\n`), lineCount: 1 })

describe('createStdoutChannel', () => {
  it('writes all of a delivery, in order', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'edict-stdout-'))
    const path = join(directory, 'out')
    const fd = openSync(path, 'w')
    const channel = createStdoutChannel(fd)
    await channel.deliver([chunk('a'), chunk('b'.repeat(200_000))])
    await channel.deliver([chunk('c')])
    await channel.close()
    closeSync(fd)
    expect(readFileSync(path, 'utf8')).toBe(`a\n${'b'.repeat(200_000)}\nc\n`)
    rmSync(directory, { recursive: true })
  })

  it.runIf(process.platform === 'linux')('throws where nothing can be written', async () => {
    const fd = openSync('/dev/full', 'w')
    await expect(createStdoutChannel(fd).deliver([chunk('a')])).rejects.toThrow('ENOSPC')
    closeSync(fd)
  })
})
