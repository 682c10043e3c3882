import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { PdpServerError } from '../errors.ts'

/** Larger bundles are refused unread, unless told otherwise. */
export const DEFAULT_MAX_BUNDLE_BYTES = 256 * 1024 * 1024

/** All bytes of a file. Throws `PdpServerError` `unreadable-files`. */
export async function readBundleFile(
  path: string,
  shownAs: string = path,
  maxBytes: number = DEFAULT_MAX_BUNDLE_BYTES,
): Promise<Uint8Array> {
  let file: FileHandle | undefined
  try {
    // A pipe that nobody writes to must hold nobody up.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = await file.stat()
    if (!stats.isFile()) throw new PdpServerError('unreadable-files', `${shownAs} is no file`)
    if (stats.size > maxBytes) {
      throw new PdpServerError('unreadable-files', `${shownAs} is larger than ${maxBytes} bytes`)
    }
    return await readWhole(file, stats.size)
  } catch (cause) {
    if (cause instanceof PdpServerError) throw cause
    throw new PdpServerError('unreadable-files', describe(cause, shownAs), { cause })
  } finally {
    await file?.close()
  }
}

/** A file that is being written over may end earlier than it said; its signature will not fit then. */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, null)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}

function describe(error: unknown, shownAs: string): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return `there is no file ${shownAs}`
  return code === 'EACCES' ? `${shownAs} may not be read` : `${shownAs} cannot be read (${code})`
}
