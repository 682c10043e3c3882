import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addKey, changeKeyFile, type NewKey, revokeKeys, rotateKey } from './issue-keys.ts'
import { type KeyRecord, readKeyFile, statusOfKey } from './key-file.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edict-keys-'))
  path = join(folder, 'keys.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const NOW = Date.UTC(2027, 0, 1)
const HOUR = 3_600_000
const wanted: NewKey = { name: 'web', environment: 'live', scopes: ['decide'], expiresAt: NOW + 10 * HOUR }
const rotation = { name: 'web', environment: 'live', graceMs: HOUR, expiresAt: undefined }

const statuses = (keys: readonly KeyRecord[], at: number) => keys.map((record) => statusOfKey(record, at))

describe('changeKeyFile', () => {
  it('keeps the hash and never the key, for the owner alone', async () => {
    const { text, record } = await changeKeyFile(path, (keys) => addKey(keys, wanted, NOW))
    const content = readFileSync(path, 'utf8')
    expect(content).not.toContain(text.slice(24, 40))
    expect(readKeyFile(path)).toEqual([record])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['keys.json', 'keys.json.lock'])
  })

  it('loses nothing where many change the file at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `web-${index}`)
    await Promise.all(
      names.map((name) => changeKeyFile(path, (keys) => addKey(keys, { ...wanted, name }, NOW))),
    )
    expect(new Set(readKeyFile(path).map(({ name }) => name))).toEqual(new Set(names))
  })

  it('leaves the file alone where the change is refused', async () => {
    await changeKeyFile(path, (keys) => addKey(keys, wanted, NOW))
    const before = readFileSync(path, 'utf8')
    await expect(changeKeyFile(path, (keys) => revokeKeys(keys, 'nobody', NOW))).rejects.toMatchObject({
      code: 'malformed-request',
    })
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(readdirSync(folder)).toEqual(['keys.json', 'keys.json.lock'])
  })

  it('refuses a folder that is not there', async () => {
    const change = changeKeyFile(join(folder, 'no', 'keys.json'), (keys) => addKey(keys, wanted, NOW))
    await expect(change).rejects.toMatchObject({ code: 'unwritable-file' })
  })
})

describe('addKey', () => {
  it('gives a name two valid keys and no third', () => {
    const one = addKey([], wanted, NOW).keys
    const two = addKey(one, wanted, NOW).keys
    expect(() => addKey(two, wanted, NOW)).toThrow(/web has 2 valid keys: revoke the one/)
    expect(addKey(two, { ...wanted, environment: 'test' }, NOW).keys).toHaveLength(3)
    expect(addKey(two, wanted, NOW + 11 * HOUR).keys).toHaveLength(3)
  })
})

describe('rotateKey', () => {
  it('leaves the old key for the grace', () => {
    const { keys, result } = rotateKey(addKey([], wanted, NOW).keys, rotation, NOW)
    expect(statuses(keys, NOW)).toEqual(['valid', 'valid'])
    expect(statuses(keys, NOW + HOUR)).toEqual(['expired', 'valid'])
    expect(result.record.scopes).toEqual(['decide'])
  })

  it('never gives an old key more time than it had', () => {
    const keys = addKey([], { ...wanted, expiresAt: NOW + 1000 }, NOW).keys
    expect(statuses(rotateKey(keys, rotation, NOW).keys, NOW + 1000)).toEqual(['expired', 'valid'])
  })

  it('refuses where there is nothing to rotate, or two already', () => {
    expect(() => rotateKey([], rotation, NOW)).toThrow('web has no valid key for live')
    const two = addKey(addKey([], wanted, NOW).keys, wanted, NOW).keys
    expect(() => rotateKey(two, rotation, NOW)).toThrow(/two valid keys already/)
  })
})

describe('revokeKeys', () => {
  it('ends one key by its id, all by their name', () => {
    const { keys, result } = addKey(addKey([], wanted, NOW).keys, wanted, NOW)
    expect(statuses(revokeKeys(keys, result.record.id, NOW).keys, NOW)).toEqual(['valid', 'revoked'])
    const none = revokeKeys(keys, 'web', NOW).keys
    expect(statuses(none, NOW)).toEqual(['revoked', 'revoked'])
    expect(() => revokeKeys(none, 'web', NOW)).toThrow(/no key to revoke/)
  })
})

describe('readKeyFile', () => {
  const record = () => addKey([], wanted, NOW).result.record
  const file = (keys: readonly unknown[], format = 'edict-keys/1') => JSON.stringify({ format, keys })

  it.each<[string, () => string, RegExp]>([
    ['no JSON', () => '{', /is not JSON/],
    ['a member twice', () => '{"format":"edict-keys/1","keys":[],"keys":[]}', /\$\.keys is there twice/],
    ['another format', () => file([], 'edict-keys/2'), /\$\.format/],
    ['a member that it does not know', () => file([{ ...record(), notBefore: 1 }]), /\$\.keys\[0\]/],
    ['a scope that there is not', () => file([{ ...record(), scopes: ['root'] }]), /\$\.keys\[0\]\.scopes/],
    ['a hash that is none', () => file([{ ...record(), hash: 'f00' }]), /\$\.keys\[0\]\.hash/],
    ['an expiry that is none', () => file([{ ...record(), expiresAt: 'soon' }]), /\$\.keys\[0\]\.expiresAt/],
    [
      'an id twice',
      () => {
        const one = record()
        return file([one, one])
      },
      /an `id` is there twice/,
    ],
  ])('refuses %s', (_, content, message) => {
    writeFileSync(path, content(), { mode: 0o600 })
    expect(() => readKeyFile(path)).toThrow(message)
  })

  it.skipIf(process.platform === 'win32')('refuses a file that others may write', () => {
    writeFileSync(path, file([]), { mode: 0o600 })
    expect(readKeyFile(path)).toEqual([])
    rmSync(path)
    const umask = process.umask(0)
    writeFileSync(path, file([]), { mode: 0o620 })
    process.umask(umask)
    expect(() => readKeyFile(path)).toThrow(/may be written by others: chmod 600/)
  })
})
