// The quick way to the value of a JSON text, for texts that are plainly in order: one pass over the bytes, and one
// over the value, instead of two over the characters with a set of names for each object.
import { isAscii, isUtf8 } from 'node:buffer'

const QUOTE = 0x22
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const LOWER_U = 0x75
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * The object or array that the bytes say; undefined where anything about them is in doubt.
 * INVARIANT: what it returns, `parseJson` returns for the same text. No member stands twice: the text holds as many
 * colons outside its strings as the value has members, and of two alike the value would have one. No surrogate is
 * alone: only `\u` can write one, and any `\u` is a doubt.
 */
export function parsePlainJson(bytes: Uint8Array, maxDepth: number): object | undefined {
  const colons = countColons(bytes, maxDepth)
  if (colons === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(toText(bytes))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  return countMembers(value) === colons ? value : undefined
}

/** Colons outside strings. Undefined where the text is too deep, or holds `\u`. */
function countColons(bytes: Uint8Array, maxDepth: number): number | undefined {
  const { length } = bytes
  let [colons, depth, at] = [0, 0, 0]
  while (at < length) {
    const byte = bytes[at++]
    if (byte === QUOTE) {
      let inside = bytes[at++]
      while (inside !== QUOTE && at < length) {
        if (inside === BACKSLASH && bytes[at++] === LOWER_U) return undefined
        inside = bytes[at++]
      }
    } else if (byte === COLON) colons++
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (++depth > maxDepth) return undefined
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--
  }
  return colons
}

/** Throws where the bytes are no UTF-8. */
function toText(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes
  const view = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength)
  if (isAscii(view)) return view.toString('latin1')
  if (isUtf8(view)) return view.toString('utf8')
  throw new TypeError('no UTF-8')
}

/** Members of all objects within. It recurses no deeper than the text was found to nest. */
function countMembers(value: object): number {
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) count += countMembers(item)
    return count
  }
  for (const name in value) {
    count++
    const item = (value as Readonly<Record<string, unknown>>)[name]
    if (typeof item === 'object' && item !== null) count += countMembers(item)
  }
  return count
}
