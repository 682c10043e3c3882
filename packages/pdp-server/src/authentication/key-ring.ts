// The keys of a running service: follows its key file, and says whose key a text is.
import { timingSafeEqual } from 'node:crypto'
import type { Log } from '../telemetry/log.ts'
import { hashApiKey, readApiKey } from './api-key.ts'
import { type FollowedFileCheck, followFile } from './follow-file.ts'
import { type KeyRecord, readKeyFile, statusOfKey } from './key-file.ts'

export type KeyFault =
  /** No key at all, or none of ours. The same for both, so that nobody learns which ids there are. */
  | 'unknown'
  | 'revoked'
  | 'expired'
  /** A key for another environment than this service serves. */
  | 'foreign'
  /** The key file cannot be read. */
  | 'unavailable'

export type KeyLookup =
  | { readonly record: KeyRecord }
  /** The key whose id the text has, where there is one: its holder may have sent it, or whoever knows the id. */
  | { readonly fault: KeyFault; readonly tried?: KeyRecord }

export interface KeyRing {
  readonly find: (text: string) => KeyLookup
  /** Whether keys can be checked; for readiness. */
  readonly check: () => FollowedFileCheck
}

export interface KeyRingOptions {
  readonly path: string
  /** Keys of other environments are refused. */
  readonly environment: string
  readonly log: Log
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
  /** Milliseconds that only grow. Default: those of the process. */
  readonly ticks?: () => number
}

interface Entry {
  readonly record: KeyRecord
  readonly hash: Buffer
}

/** Reads the file at once. Throws `PdpServerError` `unreadable-files` where it cannot. */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { environment, now = Date.now } = options
  const { path, log, ticks } = options
  const file = followFile({
    path,
    read: () => indexKeys(readKeyFile(path)),
    what: 'key file',
    log,
    ...(ticks && { ticks }),
  })
  return {
    check: file.check,
    find: (text) => {
      const key = readApiKey(text)
      const entries = file.entries(key?.id)
      if (entries === undefined) return { fault: 'unavailable' }
      const entry = key && entries.get(key.id)
      // Hashed and compared in any case, so that the time taken tells nothing of which ids there are.
      const isSame = timingSafeEqual(hashApiKey(text), entry?.hash ?? NO_HASH)
      if (entry === undefined) return { fault: 'unknown' }
      const { record } = entry
      if (!isSame) return { fault: 'unknown', tried: record }
      if (record.environment !== environment) return { fault: 'foreign', tried: record }
      const status = statusOfKey(record, now())
      return status === 'valid' ? { record } : { fault: status, tried: record }
    },
  }
}

/** No text has it. */
const NO_HASH = Buffer.alloc(32)

function indexKeys(records: readonly KeyRecord[]): ReadonlyMap<string, Entry> {
  return new Map(records.map((record) => [record.id, { record, hash: Buffer.from(record.hash, 'hex') }]))
}
