import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { NO_LOG } from '../telemetry/log.ts'
import { createKeyUseRecorder, readKeyUse } from './key-use.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-key-use-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.useRealTimers())

const ID = 'abcdefghijkl'

describe('createKeyUseRecorder', () => {
  it('writes uses every ten seconds without waiting, and the rest when it stops', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const path = join(folder, 'use.json')
    const { record, stop } = createKeyUseRecorder(path, NO_LOG)
    record(ID, 2000)
    vi.advanceTimersByTime(10_000)
    await vi.waitFor(() => expect(readKeyUse(path)).toEqual(new Map([[ID, 2000]])))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    record(ID, 1000)
    stop()
    expect(readKeyUse(path)).toEqual(new Map([[ID, 2000]]))
    expect(readdirSync(folder)).toEqual(['use.json'])
  })

  it('says once that it cannot write, and writes later what it kept', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const path = join(folder, 'later', 'use.json')
    const warn = vi.fn()
    const { record, stop } = createKeyUseRecorder(path, { ...NO_LOG, warn })
    record(ID, 3000)
    vi.advanceTimersByTime(10_000)
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
    mkdirSync(join(folder, 'later'))
    stop()
    expect(readKeyUse(path)).toEqual(new Map([[ID, 3000]]))
    expect(warn).toHaveBeenCalledOnce()
  })
})
