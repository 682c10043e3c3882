import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { PdpServerError } from '../errors.ts'

/** Larger bundles are refused unread, unless told otherwise. */
export const DEFAULT_MAX_BUNDLE_BYTES = 256 * 1024 * 1024

/** All bytes of a file. Throws `PdpServerError` `unreadable-files`. */
export function readBundleFile(
  path: string,
  shownAs: string = path,
  maxBytes: number = DEFAULT_MAX_BUNDLE_BYTES,
): Uint8Array {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw unreadable(shownAs, cause)
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw new PdpServerError('unreadable-files', `${shownAs} is no file`)
    if (stats.size > maxBytes) {
      throw new PdpServerError('unreadable-files', `${shownAs} is larger than ${maxBytes} bytes`)
    }
    return readWhole(file, stats.size)
  } catch (cause) {
    if (cause instanceof PdpServerError) throw cause
    throw unreadable(shownAs, cause)
  } finally {
    closeSync(file)
  }
}

/** A file that is being written over may end earlier than it said; its signature will not fit then. */
function readWhole(file: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size)
  let length = 0
  for (let read = -1; read !== 0 && length < size; length += read) {
    read = readSync(file, bytes, length, size - length, null)
  }
  return bytes.subarray(0, length)
}

function unreadable(shownAs: string, cause: unknown): PdpServerError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  const detail =
    code === 'ENOENT'
      ? `there is no file ${shownAs}`
      : code === 'EACCES'
        ? `${shownAs} may not be read`
        : `${shownAs} cannot be read (${code})`
  return new PdpServerError('unreadable-files', detail, { cause })
}
