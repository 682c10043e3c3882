const ESCAPED_STAR = '\\*'

/**
 * `text like pattern`: the whole text, `*` stands for any run of characters, `\*` for a star. Pieces are found
 * leftmost first, which never has to be taken back: time is bounded by text × pattern.
 */
export function matchesWildcard(text: string, pattern: string): boolean {
  const [first = '', ...rest] = splitAtStars(pattern)
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || text.length < first.length + last.length) return false
  let position = first.length
  for (const piece of rest) {
    const found = text.indexOf(piece, position)
    if (found === -1) return false
    position = found + piece.length
  }
  return text.length - last.length >= position && text.endsWith(last)
}

function splitAtStars(pattern: string): string[] {
  const pieces: string[] = ['']
  for (let index = 0; index < pattern.length; index += 1) {
    const isEscaped = pattern.startsWith(ESCAPED_STAR, index)
    if (pattern[index] === '*') pieces.push('')
    else pieces.push((pieces.pop() ?? '') + (isEscaped ? '*' : pattern[index]))
    if (isEscaped) index += 1
  }
  return pieces
}
