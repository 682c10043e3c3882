// Text that stands in a line of the log as it is.

const VISIBLE_ASCII = /^[\x20-\x7e]*$/

/** Whether each unit is one byte, and none that a terminal would obey. */
export function isVisibleAscii(text: string): boolean {
  return VISIBLE_ASCII.test(text)
}

/** The shortest text that can hold a credential of use; most names and ids are shorter, and need no search. */
export const SHORTEST_CREDENTIAL = 20

/** So many bytes of a line a name or an id may take. */
export const LONGEST_WHOLE = 1024

const ESCAPED = 0
const PART_OF_CREDENTIAL = 1
const ORDINARY = 2

/** Every credential that is recognised has a dot, an underscore or a blank within. */
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const letter = String.fromCharCode(unit)
  if (!isVisibleAscii(letter) || letter === '"' || letter === '\\') return ESCAPED
  return '._ '.includes(letter) ? PART_OF_CREDENTIAL : ORDINARY
})

/** Whether JSON escapes nothing of a text, it is visible ASCII, not too long, and it surely is no credential. */
export function isHarmless(text: string): boolean {
  if (text.length > LONGEST_WHOLE) return false
  const least = text.length < SHORTEST_CREDENTIAL ? PART_OF_CREDENTIAL : ORDINARY
  for (let at = 0; at < text.length; at++) {
    if ((KINDS[text.charCodeAt(at)] ?? ESCAPED) < least) return false
  }
  return true
}
