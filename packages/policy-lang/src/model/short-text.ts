const SHOWN_CHARACTERS = 100

/** A text as messages show it: they are for people, and a sender must not make them grow with what it sends. */
export function shortenText(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text
  // Not between the halves of a surrogate pair.
  return `${text.slice(0, SHOWN_CHARACTERS).replace(/[\ud800-\udbff]$/, '')}…`
}
