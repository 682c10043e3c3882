/** What a character starts. Digits and letters are the highest: they stand in words. */
const OTHER = 0
export const BLANK = 1
export const LETTER = 2
export const DIGIT = 3

const CLASSES: Uint8Array = new Uint8Array(128)
for (const blank of '\t\n\r ') CLASSES[blank.charCodeAt(0)] = BLANK
for (let code = 48; code <= 57; code++) CLASSES[code] = DIGIT
for (let code = 65; code <= 90; code++) CLASSES[code] = CLASSES[code + 32] = LETTER
CLASSES[95] = LETTER

export function classOf(code: number): number {
  // Of NaN, at the end of the text, nothing is true.
  return code < 128 ? (CLASSES[code] ?? OTHER) : OTHER
}
