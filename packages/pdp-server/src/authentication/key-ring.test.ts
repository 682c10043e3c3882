import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_LOG } from '../telemetry/log.ts'
import { createApiKey } from './api-key.ts'
import { KEY_FILE_CHECK_MS } from './follow-file.ts'
import { addKey, type IssuedKey, revokeKeys } from './issue-keys.ts'
import { readKeyFile, writeKeyFile } from './key-file.ts'
import { createKeyRing, type KeyRing } from './key-ring.ts'
import { createKeyUseRecorder, defaultKeyUseFile, readKeyUse } from './key-use.ts'

let folder = ''
let path = ''
let clock = { now: 0, ticks: 0 }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edict-ring-'))
  path = join(folder, 'keys.json')
  clock = { now: Date.UTC(2027, 0, 1), ticks: 1000 }
})
afterEach(() => rmSync(folder, { recursive: true }))

function issue(environment = 'live', expiresIn?: number): IssuedKey {
  const expiresAt = expiresIn === undefined ? undefined : clock.now + expiresIn
  const wanted = { name: `web-${environment}`, environment, scopes: ['decide'] as const, expiresAt }
  const { keys, result } = addKey(hasFile() ? readKeyFile(path) : [], wanted, clock.now)
  writeKeyFile(path, keys)
  return result
}

function hasFile(): boolean {
  try {
    readKeyFile(path)
    return true
  } catch {
    return false
  }
}

function createRing(): KeyRing {
  return createKeyRing({
    path,
    environment: 'live',
    log: NO_LOG,
    now: () => clock.now,
    ticks: () => clock.ticks,
  })
}

const faultOf = (ring: KeyRing, text: string) => {
  const found = ring.find(text)
  return 'fault' in found ? found.fault : 'found'
}

describe('createKeyRing', () => {
  it('finds keys by their whole text alone', () => {
    const { text, record } = issue()
    const ring = createRing()
    expect(ring.find(text)).toEqual({ record })
    // The same id with another secret, and a checksum that fits: as someone who saw the id would try it.
    const other = createApiKey('live').text
    expect(faultOf(ring, other)).toBe('unknown')
    expect(faultOf(ring, text.slice(0, -1))).toBe('unknown')
    expect(faultOf(ring, 'edict___proto___')).toBe('unknown')
    expect(faultOf(ring, '')).toBe('unknown')
  })

  it('refuses keys of other environments, and expired ones to the millisecond', () => {
    const foreign = issue('test')
    const short = issue('live', 1000)
    const ring = createRing()
    expect(faultOf(ring, foreign.text)).toBe('foreign')
    clock.now += 999
    expect(faultOf(ring, short.text)).toBe('found')
    clock.now += 1
    expect(faultOf(ring, short.text)).toBe('expired')
  })

  it('follows the file: a revoked key is refused, a new one is let in', () => {
    const { text, record } = issue()
    const ring = createRing()
    writeKeyFile(path, revokeKeys(readKeyFile(path), record.id, clock.now).keys)
    clock.ticks += KEY_FILE_CHECK_MS
    expect(faultOf(ring, text)).toBe('revoked')
    const other = issue()
    expect(faultOf(ring, other.text)).toBe('found')
  })

  it('keeps its keys for a minute where the file is broken or gone, then lets nobody in', () => {
    const { text } = issue()
    const good = readKeyFile(path)
    const ring = createRing()
    for (const break_ of [() => writeFileSync(path, '{'), () => rmSync(path)]) {
      break_()
      clock.ticks += KEY_FILE_CHECK_MS
      expect(faultOf(ring, text)).toBe('found')
      expect(ring.check()).toEqual({
        status: 'degraded',
        detail: 'the key file cannot be read, the log says why: what it held last counts for a minute',
      })
      clock.ticks += 61_000
      expect(faultOf(ring, text)).toBe('unavailable')
      expect(ring.check().status).toBe('failing')
      writeKeyFile(path, good)
      clock.ticks += KEY_FILE_CHECK_MS
      expect(faultOf(ring, text)).toBe('found')
      expect(ring.check().status).toBe('ok')
    }
  })

  it('does not begin without its file', () => {
    expect(createRing).toThrow(/there is no file/)
  })
})

describe('createKeyUseRecorder', () => {
  it('writes uses in one go, and keeps what others wrote', () => {
    const file = defaultKeyUseFile(path)
    expect(file).toBe(join(folder, 'keys.last-used.json'))
    const [one, two] = [createApiKey('live').id, createApiKey('live').id]
    const first = createKeyUseRecorder(file, NO_LOG)
    const second = createKeyUseRecorder(file, NO_LOG)
    first.record(one, 1000)
    first.record(one, 5000)
    second.record(one, 2000)
    second.record(two, 3000)
    expect(readKeyUse(file).size).toBe(0)
    first.stop()
    second.stop()
    expect(readKeyUse(file)).toEqual(
      new Map([
        [one, 5000],
        [two, 3000],
      ]),
    )
  })

  it('goes on where its folder cannot be written', () => {
    const warnings: string[] = []
    const log = { ...NO_LOG, warn: (_: object, message: string) => warnings.push(message) }
    const recorder = createKeyUseRecorder(join(folder, 'no', 'use.json'), log)
    recorder.record(createApiKey('live').id, 1000)
    recorder.stop()
    expect(warnings).toEqual(['the last use of keys cannot be recorded'])
  })
})
