// Names and ids as lines of the log tell them: no credential, and never so long that one request, whose items all have
// the same from one place, makes lines of a thousand times its size.
import { hash } from 'node:crypto'
import type { JsonValue } from '@edict/policy-lang/program'
import { escapeUnsafe } from './entry-line.ts'
import { hideCredential } from './hide-credentials.ts'
import { LONGEST_WHOLE } from './plain-text.ts'

/** A unit takes at most so many bytes of a line: `\u0000`. */
const MOST_BYTES = 6

/** A name or id, without credentials and not too long. */
export function tellText(text: string): string {
  if (text.length <= LONGEST_WHOLE) return shortenText(hideCredential(text))
  const known = longTexts.get(text)
  if (known !== undefined) return known
  if (longTexts.size === MAX_LONG_TEXTS) longTexts.clear()
  // Looked for in the whole: a part of a credential is not known to be one.
  const told = shortenText(hideCredential(text))
  longTexts.set(text, told)
  return told
}

/**
 * Of a text that takes more than `LONGEST_WHOLE` bytes of a line, the beginning, and by what the rest can be told
 * apart. What is cut is longer than any text that is not, so that none can pass for it.
 */
export function shortenText(text: string): string {
  if (text.length * MOST_BYTES <= LONGEST_WHOLE) return text
  const count = countFitting(text)
  if (count === text.length) return text
  return `${text.slice(0, count)}[the first of ${text.length} characters, SHA-256 ${hash('sha256', text)}]`
}

/** A value whose texts are all names and ids. */
export function tellTexts(value: JsonValue): JsonValue {
  if (typeof value === 'string') return tellText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(tellTexts)
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, tellTexts(member as JsonValue)]),
  )
}

/** Of the items of a batch, all may have the same: it is looked through once. */
const longTexts = new Map<string, string>()
const MAX_LONG_TEXTS = 8

/** How many units take no more than `LONGEST_WHOLE` bytes. */
function countFitting(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    bytes += bytesOf(text, at)
    if (bytes > LONGEST_WHOLE) return at
  }
  return text.length
}

/** At most; no half of a pair is taken for less than it is escaped to. */
function bytesOf(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if (unit === 0x22 || unit === 0x5c) return 2
  if (unit >= 0x20 && unit < 0x7f) return 1
  const isWhole = unit > 0x7f && (unit < 0xd800 || unit > 0xdfff) && escapeUnsafe(text[at] ?? '') === text[at]
  return isWhole ? 3 : MOST_BYTES
}
