// The last good bundle on disk: exactly the bytes that were signed. It is what is served when its origin is away, and
// what keeps an older bundle from coming back after a restart.
import { statSync, utimesSync } from 'node:fs'
import { PdpServerError } from '../errors.ts'
import { writeFileAtomically } from '../files/write-file-atomically.ts'
import { readBundleFile } from './read-bundle-file.ts'

export interface KeptBundle {
  /** Its bytes, and how long ago they were last confirmed; undefined where none is kept. Throws `PdpServerError` `unreadable-files`. */
  readonly read: () => { readonly bytes: Uint8Array; readonly ageMs: number } | undefined
  /** Throws `PdpServerError` `unwritable-file`. */
  readonly write: (bytes: Uint8Array) => void
  /** Notes that the kept bundle was confirmed just now. */
  readonly confirm: () => void
}

export function createKeptBundle(path: string, maxBytes: number): KeptBundle {
  return {
    read: () => {
      const stats = statSync(path, { throwIfNoEntry: false })
      if (stats === undefined) return undefined
      return { bytes: readBundleFile(path, path, maxBytes), ageMs: Math.max(0, Date.now() - stats.mtimeMs) }
    },
    write: (bytes) => writeFileAtomically(path, bytes),
    confirm: () => {
      const now = new Date()
      try {
        utimesSync(path, now, now)
      } catch (cause) {
        throw new PdpServerError('unwritable-file', `${path} cannot be written`, { cause })
      }
    },
  }
}
