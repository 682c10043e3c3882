// A file that says who may ask, as it is now: looked at when somebody asks, and never long out of date.
import { statSync } from 'node:fs'
import type { Log } from '../telemetry/log.ts'

/** The file is looked at no more often than this, so a key is refused at most this long after it was taken out. */
export const KEY_FILE_CHECK_MS = 50
/** A file that cannot be read leaves what was read last for so long; then nobody is let in. */
export const MAX_STALE_MS = 60_000

export interface FollowFileOptions<T> {
  readonly path: string
  /** Reads the file. Throws where it cannot. */
  readonly read: () => ReadonlyMap<string, T>
  /** What it is to people, such as `key file`. */
  readonly what: string
  readonly log: Log
  /** Milliseconds that only grow. Default: those of the process. */
  readonly ticks?: () => number
}

export interface FollowedFile<T> {
  /**
   * Undefined once the file could not be read for too long.
   * @param wanted an id that makes it look at once where it is not there: a key counts as soon as it is made
   */
  readonly entries: (wanted: string | undefined) => ReadonlyMap<string, T> | undefined
  /** How it stands, for readiness: in words that name neither the path nor what is in it, as anybody may ask. */
  readonly check: () => FollowedFileCheck
}

export interface FollowedFileCheck {
  readonly status: 'ok' | 'degraded' | 'failing'
  readonly detail: string
}

/** Reads the file at once, and throws what reading it throws. */
export function followFile<T>(options: FollowFileOptions<T>): FollowedFile<T> {
  const { path, read, what, log, ticks = () => performance.now() } = options
  // The stamp first: a file that is replaced meanwhile is read once more.
  let stamp = stampOf(path)
  let entries = read()
  let lookedAt = ticks()
  let failing: { readonly since: number; readonly message: string } | undefined
  const look = (at: number): void => {
    lookedAt = at
    const latest = stampOf(path)
    if (latest === stamp && failing === undefined) return
    try {
      entries = read()
      if (failing !== undefined) log.info({ path }, `the ${what} can be read again`)
      stamp = latest
      failing = undefined
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== failing?.message) log.error({ err: error, path }, `the ${what} cannot be read`)
      failing = { since: failing?.since ?? at, message }
    }
  }
  const current = (wanted: string | undefined): ReadonlyMap<string, T> | undefined => {
    const at = ticks()
    // Not where the file is faulty: it would be read for each id that somebody makes up.
    const isNew = wanted !== undefined && failing === undefined && !entries.has(wanted)
    if (isNew || at - lookedAt >= KEY_FILE_CHECK_MS) look(at)
    return failing !== undefined && at - failing.since > MAX_STALE_MS ? undefined : entries
  }
  return {
    entries: current,
    check: () => {
      const hasEntries = current(undefined) !== undefined
      if (failing === undefined) return { status: 'ok', detail: `the ${what} is read` }
      const problem = `the ${what} cannot be read, the log says why`
      return hasEntries
        ? { status: 'degraded', detail: `${problem}: what it held last counts for a minute` }
        : { status: 'failing', detail: `${problem}: nobody is known by it` }
    },
  }
}

/** Changes with the content: whoever changes it puts a new file in place. Links of Kubernetes are followed. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return [ino, size, mtimeMs, ctimeMs].join(' ')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
