import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NO_LOG } from '../telemetry/log.ts'
import { followFile, KEY_FILE_CHECK_MS } from './follow-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-follow-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('followFile', () => {
  it('looks at once for what is not there, but where the file is faulty no more often than always', () => {
    const path = join(folder, 'keys')
    writeFileSync(path, 'a')
    const state = { ticks: 0, reads: 0, isFaulty: false }
    const { entries } = followFile({
      path,
      what: 'key file',
      log: NO_LOG,
      ticks: () => state.ticks,
      read: () => {
        state.reads++
        if (state.isFaulty) throw new Error('faulty')
        return new Map([['known', state.reads]])
      },
    })
    writeFileSync(path, 'more')
    expect(entries('known')?.get('known')).toBe(1)
    expect(entries('unknown')?.get('known')).toBe(2)
    state.isFaulty = true
    writeFileSync(path, 'faulty')
    for (let count = 0; count < 100; count++) entries(`unknown-${count}`)
    expect(state.reads).toBe(3)
    state.isFaulty = false
    state.ticks += KEY_FILE_CHECK_MS
    expect(entries('unknown')?.get('known')).toBe(4)
  })
})
