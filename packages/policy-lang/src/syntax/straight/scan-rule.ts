// The words of a rule without its name, its type and its literals: rules of the same words are read once.
import { KEYWORDS } from '../../ast/keywords.ts'
import { classOf, DIGIT, LETTER } from './character-class.ts'

/** What is the same in rules that are written alike, and what may differ. */
export interface ScannedRule {
  /** The text with a mark of its kind in each hole. */
  readonly words: string
  /** Behind the last character that is no blank. */
  readonly end: number
  /** Where the content of each hole starts and ends, in turn. */
  readonly holes: readonly number[]
  /** Of the holes: the type that stands behind `on`. */
  readonly typeHole: number | undefined
}

// Control characters stand in no source that is in order.
const NAME_MARK = '\u0001'
const TYPE_MARK = '\u0002'
const TEXT_MARK = '\u0003'
const NUMBER_MARK = '\u0004'

/** Longer ones are read like any other: they are few. */
const MAX_LENGTH = 2000

/**
 * Reads from the word `rule` to the end of the last line that is indented, a guess at where the rule ends. `undefined`
 * where something is in it that has to be read with more care: comments, escapes, a name in quotes.
 */
export function scanRule(source: string, start: number): ScannedRule | undefined {
  const nameStart = start + 5
  if (source.charCodeAt(start + 4) !== 32 || classOf(source.charCodeAt(nameStart)) !== LETTER)
    return undefined
  let at = skipWord(source, nameStart)
  if (source.charCodeAt(at) !== 58 || KEYWORDS.has(source.slice(nameStart, at))) return undefined
  const holes = [nameStart, at]
  let words = NAME_MARK
  let written = at
  let typeHole: number | undefined
  let last = at
  const limit = start + MAX_LENGTH
  for (;;) {
    const code = source.charCodeAt(at)
    const found = classOf(code)
    if (found === LETTER) {
      const from = at
      at = skipWord(source, at)
      last = at
      if (typeHole !== undefined || at - from !== 2 || !isOn(source, from)) continue
      const typeEnd = skipWord(source, at + 1)
      if (source.charCodeAt(at) !== 32 || typeEnd === at + 1) continue
      // A word that is none of a type is left to those who know what is wrong.
      if (KEYWORDS.has(source.slice(at + 1, typeEnd)) || classOf(source.charCodeAt(at + 1)) !== LETTER)
        return undefined
      typeHole = holes.length / 2
      words += source.slice(written, at + 1) + TYPE_MARK
      holes.push(at + 1, typeEnd)
      written = at = last = typeEnd
    } else if (found === DIGIT) {
      const from = at
      at = skipNumber(source, at)
      if (classOf(source.charCodeAt(at)) >= LETTER) return undefined
      const text = source.slice(from, at)
      if (String(Number(text)) !== text || text.length > 15) return undefined
      words += source.slice(written, from) + NUMBER_MARK
      holes.push(from, at)
      written = last = at
    } else if (code === 34) {
      const end = skipText(source, at + 1)
      if (end === undefined) return undefined
      words += source.slice(written, at + 1) + TEXT_MARK
      holes.push(at + 1, end)
      written = end
      at = last = end + 1
    } else if (code === 10) {
      const next = source.charCodeAt(at + 1)
      if (next !== 32 && next !== 9) break
      at++
    } else if (code === 32 || code === 9 || code === 13) at++
    else if (code === 47 || code >= 128 || at > limit) return undefined
    else if (Number.isNaN(code)) break
    else last = ++at
  }
  words += source.slice(written, last)
  return { words, end: last, holes, typeHole }
}

function isOn(source: string, at: number): boolean {
  return (
    source.charCodeAt(at) === 111 && source.charCodeAt(at + 1) === 110 && source.charCodeAt(at - 1) === 32
  )
}

function skipWord(source: string, from: number): number {
  let at = from
  while (classOf(source.charCodeAt(at)) >= LETTER) at++
  return at
}

function skipNumber(source: string, from: number): number {
  let at = from
  while (classOf(source.charCodeAt(at)) === DIGIT) at++
  if (source.charCodeAt(at) !== 46 || classOf(source.charCodeAt(at + 1)) !== DIGIT) return at
  at++
  while (classOf(source.charCodeAt(at)) === DIGIT) at++
  return at
}

/** The quote that ends a string without escapes and tabs: its content is what is printed of it. */
function skipText(source: string, from: number): number | undefined {
  let at = from
  for (;;) {
    const code = source.charCodeAt(at)
    if (code === 34) return at
    if (code === 92 || !(code >= 32)) return undefined
    at++
  }
}
