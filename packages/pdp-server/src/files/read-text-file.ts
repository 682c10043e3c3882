import { readFileSync, statSync } from 'node:fs'
import { PdpServerError } from '../errors.ts'
import { decodeUtf8 } from '../wire/parse-json.ts'

const MAX_FILE_BYTES = 64 * 1024 * 1024

/** A whole file as text. Throws `PdpServerError` `unreadable-files`. */
export function readTextFile(path: string, shownAs: string = path): string {
  return decodeText(readBytes(path, shownAs), shownAs)
}

/** The bytes of a file or of standard input as text, without a byte order mark. Throws `PdpServerError`. */
export function decodeText(bytes: Uint8Array, shownAs: string): string {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw new PdpServerError('unreadable-files', `${shownAs} is not UTF-8`)
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function readBytes(path: string, shownAs: string): Uint8Array {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) throw new PdpServerError('unreadable-files', `${shownAs} is a folder`)
    if (stats.size > MAX_FILE_BYTES) {
      throw new PdpServerError('unreadable-files', `${shownAs} is larger than ${MAX_FILE_BYTES} bytes`)
    }
    return readFileSync(path)
  } catch (cause) {
    if (cause instanceof PdpServerError) throw cause
    throw new PdpServerError('unreadable-files', describe(cause, shownAs), { cause })
  }
}

function describe(error: unknown, shownAs: string): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return `there is no file ${shownAs}`
  return code === 'EACCES' ? `${shownAs} may not be read` : `${shownAs} cannot be read (${code ?? 'unknown'})`
}
