// The keys of a running service: follows its key file, and says whose key a text is.
import { timingSafeEqual } from 'node:crypto'
import { statSync } from 'node:fs'
import type { Log } from '../telemetry/log.ts'
import { hashApiKey, readApiKey } from './api-key.ts'
import { type KeyRecord, readKeyFile, statusOfKey } from './key-file.ts'

/** The file is looked at no more often than this, so a key is refused at most this long after it was revoked. */
export const KEY_FILE_CHECK_MS = 50
/** A file that cannot be read leaves the keys as they were for so long; then nobody is let in. */
const MAX_STALE_MS = 60_000

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
  /** The id only where there is such a key. */
  | { readonly fault: KeyFault; readonly id?: string }

export interface KeyRing {
  readonly find: (text: string) => KeyLookup
  /** Whether keys can be checked; for readiness. */
  readonly check: () => KeyRingCheck
}

export interface KeyRingCheck {
  readonly status: 'ok' | 'degraded' | 'failing'
  readonly detail: string
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
  const file = followKeyFile(options)
  return {
    check: () => {
      const hasKeys = file.entries(undefined) !== undefined
      const problem = file.problem()
      if (problem === undefined) return { status: 'ok', detail: 'the key file is read' }
      return { status: hasKeys ? 'degraded' : 'failing', detail: problem }
    },
    find: (text) => {
      const key = readApiKey(text)
      const entries = file.entries(key?.id)
      if (entries === undefined) return { fault: 'unavailable' }
      const entry = key && entries.get(key.id)
      // Hashed and compared in any case, so that the time taken tells nothing of which ids there are.
      const isSame = timingSafeEqual(hashApiKey(text), entry?.hash ?? NO_HASH)
      if (entry === undefined) return { fault: 'unknown' }
      const { record } = entry
      if (!isSame) return { fault: 'unknown', id: record.id }
      if (record.environment !== environment) return { fault: 'foreign', id: record.id }
      const status = statusOfKey(record, now())
      return status === 'valid' ? { record } : { fault: status, id: record.id }
    },
  }
}

/** No text has it. */
const NO_HASH = Buffer.alloc(32)

interface FollowedFile {
  /**
   * Undefined once the file could not be read for too long.
   * @param wanted an id that makes it look at once where it is not there: a key counts as soon as it is made
   */
  readonly entries: (wanted: string | undefined) => ReadonlyMap<string, Entry> | undefined
  /** Why it could not be read when it was looked at last. */
  readonly problem: () => string | undefined
}

function followKeyFile({ path, log, ticks = () => performance.now() }: KeyRingOptions): FollowedFile {
  // The stamp first: a file that is replaced meanwhile is read once more.
  let stamp = stampOf(path)
  let entries = indexKeys(readKeyFile(path))
  let lookedAt = ticks()
  let failing: { readonly since: number; readonly message: string } | undefined
  const look = (at: number): void => {
    lookedAt = at
    const latest = stampOf(path)
    if (latest === stamp && failing === undefined) return
    try {
      entries = indexKeys(readKeyFile(path))
      if (failing !== undefined) log.info({ path }, 'the key file can be read again')
      stamp = latest
      failing = undefined
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== failing?.message) log.error({ err: error, path }, 'the key file cannot be read')
      failing = { since: failing?.since ?? at, message }
    }
  }
  return {
    entries: (wanted) => {
      const at = ticks()
      const isNew = wanted !== undefined && !entries.has(wanted)
      if (isNew || at - lookedAt >= KEY_FILE_CHECK_MS) look(at)
      return failing !== undefined && at - failing.since > MAX_STALE_MS ? undefined : entries
    },
    problem: () => failing?.message,
  }
}

function indexKeys(records: readonly KeyRecord[]): ReadonlyMap<string, Entry> {
  return new Map(records.map((record) => [record.id, { record, hash: Buffer.from(record.hash, 'hex') }]))
}

/** Changes with the content: the command always puts a new file in place. Links of Kubernetes are followed. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return [ino, size, mtimeMs, ctimeMs].join(' ')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
