import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NO_LOG } from '../../telemetry/log.ts'
import { followLines } from './line-follower.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-lines-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('followLines', () => {
  it('gives again what could not be taken, with what was moved aside, and cut lines once they are whole', () => {
    const path = join(folder, 'lines')
    writeFileSync(`${path}.0123456789abcdef.aside`, '1\n')
    writeFileSync(path, '2\n3')
    const { read } = followLines({ path, log: NO_LOG })
    const fail = () => {
      throw new Error('not taken')
    }
    expect(() => read(fail)).toThrow('not taken')
    expect(read(String)).toBe('1\n2\n')
    appendFileSync(path, '3\n4\n')
    expect(() => read(fail)).toThrow('not taken')
    expect(read(String)).toBe('33\n4\n')
    expect(read(String)).toBe('')
  })
})
