// Changes to a key file, one at a time: each reads the file, checks, and replaces it whole.
import { PdpServerError } from '../errors.ts'
import { holdLock } from '../files/hold-lock.ts'
import { createApiKey, hashApiKey } from './api-key.ts'
import type { Scope } from './caller.ts'
import { type KeyRecord, keyFileExists, readKeyFile, statusOfKey, writeKeyFile } from './key-file.ts'

/** Two, so that a caller can go over to a new key while the old one still counts. */
const MAX_VALID_KEYS = 2

export interface NewKey {
  readonly name: string
  readonly environment: string
  readonly scopes: readonly Scope[]
  /** Epoch milliseconds; undefined: never. */
  readonly expiresAt: number | undefined
}

/** A record, and the text of its key, which is nowhere else. */
export interface IssuedKey {
  readonly record: KeyRecord
  readonly text: string
}

export interface KeyFileChange<T> {
  readonly keys: readonly KeyRecord[]
  readonly result: T
}

/** Changes the file, or throws and leaves it alone. Others that change it wait. */
export async function changeKeyFile<T>(
  path: string,
  change: (keys: readonly KeyRecord[]) => KeyFileChange<T>,
): Promise<T> {
  // Two commands at once would each write what the other does not know.
  const unlock = await holdLock(`${path}.lock`, path)
  try {
    const { keys, result } = change(keyFileExists(path) ? readKeyFile(path) : [])
    writeKeyFile(path, keys)
    return result
  } finally {
    unlock()
  }
}

/** Adds a key. Throws `PdpServerError` `malformed-request` where its name has as many as may be valid at once. */
export function addKey(keys: readonly KeyRecord[], wanted: NewKey, now: number): KeyFileChange<IssuedKey> {
  const { name, environment, scopes, expiresAt } = wanted
  const valid = findValid(keys, name, environment, now)
  if (valid.length >= MAX_VALID_KEYS) {
    throw new PdpServerError(
      'malformed-request',
      `${name} has ${valid.length} valid keys: revoke the one that is no longer used, ${ids(valid)}`,
    )
  }
  const { id, text } = createApiKey(environment)
  const record: KeyRecord = {
    id,
    name,
    environment,
    scopes: [...new Set(scopes)],
    hash: hashApiKey(text).toString('hex'),
    createdAt: new Date(now).toISOString(),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  }
  return { keys: [...keys, record], result: { record, text } }
}

export interface Rotation {
  readonly name: string
  readonly environment: string
  /** How long the old key still counts. */
  readonly graceMs: number
  readonly expiresAt: number | undefined
}

export interface RotatedKey extends IssuedKey {
  readonly old: KeyRecord
}

/** A second key like the first, which ends after the grace. Throws `PdpServerError` `malformed-request`. */
export function rotateKey(
  keys: readonly KeyRecord[],
  { name, environment, graceMs, expiresAt }: Rotation,
  now: number,
): KeyFileChange<RotatedKey> {
  const valid = findValid(keys, name, environment, now)
  const [old] = valid
  if (old === undefined)
    throw new PdpServerError('malformed-request', `${name} has no valid key for ${environment}`)
  if (valid.length > 1) {
    throw new PdpServerError(
      'malformed-request',
      `${name} has two valid keys already: revoke one of ${ids(valid)}`,
    )
  }
  const until = new Date(
    Math.min(now + graceMs, old.expiresAt ? Date.parse(old.expiresAt) : Number.MAX_VALUE),
  )
  const ending: KeyRecord = { ...old, expiresAt: until.toISOString() }
  const rest = keys.map((record) => (record === old ? ending : record))
  const added = addKey(rest, { name, environment, scopes: old.scopes, expiresAt }, now)
  return { keys: added.keys, result: { ...added.result, old: ending } }
}

/** Ends all keys that an id or a name stands for. Throws `PdpServerError` `malformed-request` where there are none. */
export function revokeKeys(
  keys: readonly KeyRecord[],
  idOrName: string,
  now: number,
): KeyFileChange<readonly KeyRecord[]> {
  const isMeant = ({ id, name, revokedAt }: KeyRecord) =>
    (id === idOrName || name === idOrName) && revokedAt === undefined
  const revokedAt = new Date(now).toISOString()
  const revoked = keys.filter(isMeant).map((record) => ({ ...record, revokedAt }))
  if (revoked.length === 0) {
    throw new PdpServerError('malformed-request', `there is no key to revoke with the id or name ${idOrName}`)
  }
  const byId = new Map(revoked.map((record) => [record.id, record]))
  return { keys: keys.map((record) => byId.get(record.id) ?? record), result: revoked }
}

function findValid(keys: readonly KeyRecord[], name: string, environment: string, now: number): KeyRecord[] {
  return keys.filter(
    (record) =>
      record.name === name && record.environment === environment && statusOfKey(record, now) === 'valid',
  )
}

function ids(keys: readonly KeyRecord[]): string {
  return keys.map(({ id }) => id).join(' or ')
}
