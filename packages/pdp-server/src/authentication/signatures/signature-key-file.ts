// The file of keys that callers sign requests with: whose each is, what it may do, and its one algorithm.
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { statSync } from 'node:fs'
import { z } from 'zod'
import { readTextFile } from '../../files/read-text-file.ts'
import { SCOPES } from '../caller.ts'
import { KEY_NAME_PATTERN } from '../key-file.ts'
import { parseKeyFile, unreadableKeys } from '../parse-key-file.ts'
import { ALGORITHMS, findKeyFault, type SignatureAlgorithm } from './algorithms.ts'

const FORMAT = 'edict-signature-keys/1'
const MIN_SECRET_BYTES = 32
const OTHERS_WRITE = 0o022
const OTHERS_READ = 0o044

const keySchema = z
  .strictObject({
    /** The `keyid` of signatures. */
    id: z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/),
    /** Who holds it. Several keys of one name are one caller. */
    name: z.string().regex(KEY_NAME_PATTERN),
    scopes: z.array(z.enum(SCOPES)),
    algorithm: z.enum(ALGORITHMS),
    /** SPKI, as PEM. */
    publicKey: z.string().optional(),
    /** Base64; `hmac-sha256` alone. */
    secret: z.base64().optional(),
    expiresAt: z.iso.datetime({ error: 'must be an RFC 3339 date and time in UTC' }).optional(),
  })
  .refine(({ algorithm, publicKey, secret }) => isComplete(algorithm, publicKey, secret), {
    error: 'must have `secret` with `hmac-sha256`, and `publicKey` with all others',
  })

const fileSchema = z.strictObject({ format: z.literal(FORMAT), keys: z.array(keySchema) })

export interface SignatureKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly (typeof SCOPES)[number][]
  readonly algorithm: SignatureAlgorithm
  readonly key: KeyObject
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** By id. Throws `PdpServerError` `unreadable-files`, also where others may write the file, or read secrets in it. */
export function readSignatureKeyFile(path: string): ReadonlyMap<string, SignatureKey> {
  const { keys } = parseKeyFile(path, readTextFile(path), fileSchema)
  refuseOthers(
    path,
    keys.some(({ secret }) => secret !== undefined),
  )
  const byId = new Map(keys.map((record, index) => [record.id, toKey(record, index, path)]))
  if (byId.size < keys.length) throw unreadableKeys(path, 'an `id` is there twice')
  return byId
}

function toKey(record: z.infer<typeof keySchema>, index: number, path: string): SignatureKey {
  const { id, name, scopes, algorithm, expiresAt } = record
  const key = readKey(record, `$.keys[${index}]`, path)
  const fault = findKeyFault(algorithm, key)
  if (fault !== undefined) throw unreadableKeys(path, `$.keys[${index}] ${fault}`)
  const until = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)
  return { id, name, scopes, algorithm, key, expiresAt: until }
}

/** INVARIANT: what is wrong with a secret is said without it. */
function readKey({ publicKey, secret }: z.infer<typeof keySchema>, at: string, path: string): KeyObject {
  if (secret !== undefined) {
    const bytes = Buffer.from(secret, 'base64')
    if (bytes.length >= MIN_SECRET_BYTES) return createSecretKey(bytes)
    throw unreadableKeys(path, `${at}.secret must hold at least ${MIN_SECRET_BYTES} bytes`)
  }
  const pem = publicKey ?? ''
  // What makes a public key of a private one would take it silently, and leave a secret lying about.
  if (pem.includes('PRIVATE'))
    throw unreadableKeys(path, `${at}.publicKey is a private key: keep it with its holder`)
  try {
    return createPublicKey(pem)
  } catch {
    throw unreadableKeys(path, `${at}.publicKey is no public key in PEM`)
  }
}

function isComplete(algorithm: SignatureAlgorithm, publicKey?: string, secret?: string): boolean {
  return algorithm === 'hmac-sha256'
    ? secret !== undefined && publicKey === undefined
    : publicKey !== undefined && secret === undefined
}

/** Who may write the file may let anyone in, and so may who reads a secret. */
function refuseOthers(path: string, hasSecrets: boolean): void {
  if (process.platform === 'win32') return
  const { mode } = statSync(path)
  const isWritable = (mode & OTHERS_WRITE) !== 0
  if (!isWritable && !(hasSecrets && (mode & OTHERS_READ) !== 0)) return
  throw unreadableKeys(path, `may be ${isWritable ? 'written' : 'read'} by others: chmod 600 ${path}`)
}
