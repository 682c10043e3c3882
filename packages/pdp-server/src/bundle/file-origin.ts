// A bundle in a file of this machine, which somebody else puts there: best by renaming, so that it is never half.
import { stat } from 'node:fs/promises'
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
      try {
        // From before it is read: where it is changed meanwhile, the next look sees that.
        const tag = await readTag(path)
        if (tag === known) return { kind: 'unchanged' }
        return { kind: 'found', bytes: await readBundleFile(path, '`bundleFile`', maxBytes), tag }
      } catch (error) {
        if (error instanceof PdpServerError)
          return { kind: 'missed', summary: error.message, cause: error.cause }
        const { code = 'unknown' } = error as NodeJS.ErrnoException
        const isGone = code === 'ENOENT' || code === 'ENOTDIR'
        const summary = isGone
          ? 'there is no file at `bundleFile`'
          : `\`bundleFile\` cannot be read (${code})`
        return { kind: 'missed', summary, cause: error }
      }
    },
  }
}

/** What changes with the file, also where a link leads elsewhere or another file takes its name. */
async function readTag(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`
}
