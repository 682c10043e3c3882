// Text from a policy as a terminal may show it: nothing in it moves the cursor, changes colours, or turns the
// direction of what stands beside it.

/** Control characters, lone surrogates, and invisible characters that change how the text around them looks. */
const UNSAFE = /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\u{20000}-\u{3fffd}]$/u
const ZERO_WIDTH = /^[\p{Mn}\p{Me}]$/u
const TAB = '    '

/** A text with everything unsafe replaced by its code point, such as `<U+001B>`. */
export function toVisibleText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\t') return TAB
    const code = character.codePointAt(0) ?? 0
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}

/** Columns that a visible text takes in a terminal. */
export function widthOf(visible: string): number {
  let width = 0
  for (const character of visible) {
    if (ZERO_WIDTH.test(character)) continue
    width += WIDE.test(character) ? 2 : 1
  }
  return width
}
