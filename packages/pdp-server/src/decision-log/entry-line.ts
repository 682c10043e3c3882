// Entries → lines. INVARIANT: one entry is one line, whatever it holds, to every reader of lines.
import type { Entry } from './decision-entry.ts'

/**
 * What JSON leaves as it is, though some reader or terminal would obey it: DEL, C1 controls (NEL, CSI), line and
 * paragraph separators, marks that turn the direction of text, the byte order mark.
 */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

const DELETE = 0x7f

/** JSON without line breaks, and the line break. Code units below U+0020 and lone surrogates are escaped by JSON itself. */
export function toLine(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`
}

/** The bytes of lines. */
export function toBytes(lines: string): Buffer {
  const bytes = Buffer.from(lines)
  // As many bytes as units: all of it is ASCII, as most lines are.
  if (bytes.length === lines.length && !bytes.includes(DELETE)) return bytes
  return Buffer.from(escapeUnsafe(lines))
}

/** JSON that says the same, without what a terminal or a reader of lines would obey. */
export function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, escapeUnit)
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
