// The last good bundle on disk: exactly the bytes that were signed. It is what is served when its origin is away, and
// what keeps an older bundle from coming back after a restart.
import { statSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { replaceFile } from '../files/write-file-atomically.ts'
import { readBundleFile } from './read-bundle-file.ts'

export interface KeptBundle {
  /** Its bytes, and how long ago they were last confirmed; undefined where none is kept. Throws `PdpServerError` `unreadable-files`. */
  readonly read: () => Promise<{ readonly bytes: Uint8Array; readonly ageMs: number } | undefined>
  /** Keeps another from now on, whole or not at all. Rejects with `PdpServerError` `unwritable-file`. */
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Notes that the one that is kept was confirmed just now. */
  readonly confirm: () => Promise<void>
}

export function createKeptBundle(path: string, maxBytes: number): KeptBundle {
  return {
    read: async () => {
      const stats = statSync(path, { throwIfNoEntry: false })
      if (stats === undefined) return undefined
      const bytes = await readBundleFile(path, path, maxBytes)
      return { bytes, ageMs: Math.max(0, Date.now() - stats.mtimeMs) }
    },
    write: (bytes) => replaceFile(path, bytes),
    confirm: () => {
      const now = new Date()
      return utimes(path, now, now)
    },
  }
}
