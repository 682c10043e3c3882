// A bundle in a file of this machine, which somebody else puts there: best by renaming, so that it is never half.
import { statSync } from 'node:fs'
import { PdpServerError } from '../errors.ts'
import type { BundleOrigin } from './bundle-origin.ts'
import { readBundleFile } from './read-bundle-file.ts'

export interface FileOriginOptions {
  readonly path: string
  readonly maxBytes: number
}

export function createFileOrigin({ path, maxBytes }: FileOriginOptions): BundleOrigin {
  return {
    look: async (known) => {
      // From before it is read: where it is changed meanwhile, the next look sees that.
      const tag = readTag(path)
      if (tag === undefined) return { kind: 'missed', summary: 'there is no file at `bundleFile`' }
      if (tag === known) return { kind: 'unchanged' }
      try {
        return { kind: 'found', bytes: readBundleFile(path, '`bundleFile`', maxBytes), tag }
      } catch (error) {
        if (!(error instanceof PdpServerError)) throw error
        return { kind: 'missed', summary: error.message, cause: error.cause }
      }
    },
  }
}

/** What changes with the file, also where a link leads elsewhere or another file takes its name. */
function readTag(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true })
  if (stats === undefined) return undefined
  const { dev, ino, size, mtimeNs, ctimeNs } = stats
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`
}
