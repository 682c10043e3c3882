// Files that were moved aside to be written anew: `NAME.HEX.aside` beside `NAME`.
import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { PdpServerError } from '../../errors.ts'

const ENDING = '.aside'

/** A name that nobody else uses. */
export function createAsideName(path: string): string {
  return `${path}.${randomBytes(8).toString('hex')}${ENDING}`
}

/** All that were moved aside and not removed yet. */
export function listAside(path: string): readonly string[] {
  const folder = dirname(path)
  const start = `${basename(path)}.`
  let names: readonly string[]
  try {
    names = readdirSync(folder)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ENOENT') return []
    throw new PdpServerError('unreadable-files', `${folder} cannot be read (${code})`, { cause })
  }
  return names
    .filter((name) => name.startsWith(start) && name.endsWith(ENDING))
    .map((name) => join(folder, name))
}

/**
 * The bytes of a file from an offset on; none where it is gone meanwhile.
 * @param name of an open file, for people
 * Throws `PdpServerError` `unreadable-files`.
 */
export function readFrom(file: string | number, offset: number, name: string = String(file)): Buffer {
  try {
    if (typeof file === 'number') return readOpen(file, offset)
    const opened = openSync(file, 'r')
    try {
      return readOpen(opened, offset)
    } finally {
      closeSync(opened)
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ENOENT') return Buffer.alloc(0)
    throw new PdpServerError('unreadable-files', `${name} cannot be read (${code})`, { cause })
  }
}

function readOpen(file: number, offset: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - offset))
  let length = 0
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, offset + length)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}
