// The file of API keys: who holds them, what they may do, and their hashes; never their text.
// Only the command writes it. A running service reads it.
import { lstatSync, statSync } from 'node:fs'
import { z } from 'zod'
import { readTextFile } from '../files/read-text-file.ts'
import { writeFileAtomically } from '../files/write-file-atomically.ts'
import { ENVIRONMENT_PATTERN, KEY_ID_PATTERN } from './api-key.ts'
import { SCOPES } from './caller.ts'
import { parseKeyFile, unreadableKeys } from './parse-key-file.ts'

const FORMAT = 'edict-keys/1'

/** What a holder of keys may be called. */
export const KEY_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const instant = z.iso.datetime({ error: 'must be an RFC 3339 date and time in UTC' })

const recordSchema = z.strictObject({
  id: z.string().regex(KEY_ID_PATTERN),
  /** Who holds it. Several keys of one name are one caller. */
  name: z.string().regex(KEY_NAME_PATTERN),
  environment: z.string().regex(ENVIRONMENT_PATTERN),
  scopes: z.array(z.enum(SCOPES)),
  /** SHA-256 of the whole key. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: instant,
  expiresAt: instant.optional(),
  revokedAt: instant.optional(),
})

const fileSchema = z.strictObject({ format: z.literal(FORMAT), keys: z.array(recordSchema) })

export type KeyRecord = Readonly<z.infer<typeof recordSchema>>

/** All keys of a file. Throws `PdpServerError` `unreadable-files`, also where others may write it. */
export function readKeyFile(path: string): readonly KeyRecord[] {
  const text = readTextFile(path)
  refuseWritableByOthers(path)
  const { keys } = parseKeyFile(path, text, fileSchema)
  const ids = new Set(keys.map(({ id }) => id))
  if (ids.size < keys.length) throw unreadableKeys(path, 'an `id` is there twice')
  return keys
}

/** Replaces the file whole, readable for its owner alone. */
export function writeKeyFile(path: string, keys: readonly KeyRecord[]): void {
  writeFileAtomically(path, `${JSON.stringify({ format: FORMAT, keys }, undefined, 2)}\n`)
}

/** Whether a key may be used at an instant, and if not, why. */
export function statusOfKey(
  { revokedAt, expiresAt }: Pick<KeyRecord, 'revokedAt' | 'expiresAt'>,
  now: number,
): 'valid' | 'revoked' | 'expired' {
  if (revokedAt !== undefined) return 'revoked'
  return expiresAt !== undefined && Date.parse(expiresAt) <= now ? 'expired' : 'valid'
}

/** Who may write the file may let anyone in. */
function refuseWritableByOthers(path: string): void {
  if (process.platform === 'win32') return
  const { mode } = statSync(path)
  if ((mode & 0o022) !== 0) throw unreadableKeys(path, `may be written by others: chmod 600 ${path}`)
}

/** Whether there is something at the path, be it a link that leads nowhere. */
export function keyFileExists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
