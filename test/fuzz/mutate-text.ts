// Changes to a text that know nothing of what it says, or only where its words are.
import { HOSTILE_TEXTS } from './hostile.ts'
import type { Random } from './random.ts'

/** Longer texts show nothing that shorter ones do not, and take their time. */
const MAX_LENGTH = 60_000

const MARKS = ['(', ')', '{', '}', '[', ']', ',', ':', '"', '.', '\n', ' ', '//', '/*', '&&', '!', '-', '\\']

type TextMutator = (text: string, random: Random, other: string) => string

const CHARACTER_MUTATORS: readonly TextMutator[] = [
  (text, random) => replace(text, random.below(text.length + 1), 1, randomCharacter(random)),
  (text, random) => replace(text, random.below(text.length + 1), 0, randomCharacter(random)),
  (text, random) => replace(text, random.below(text.length + 1), 0, random.pick(HOSTILE_TEXTS)),
  (text, random) => replace(text, random.below(text.length + 1), 0, random.pick(MARKS)),
  (text, random) => replace(text, random.below(text.length + 1), 1 + random.below(40), ''),
  (text, random) => replace(text, random.below(text.length + 1), 0, part(text, random)),
  (text, random, other) => replace(text, random.below(text.length + 1), 0, part(other, random)),
  (text, random) =>
    replace(text, random.below(text.length + 1), 0, part(text, random).repeat(2 + random.below(20))),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random, other) =>
    text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1)),
]

export function mutateCharacters(text: string, random: Random, other: string): string {
  return random.pick(CHARACTER_MUTATORS)(text, random, other).slice(0, MAX_LENGTH)
}

function replace(text: string, at: number, length: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + length)
}

function part(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  return text.slice(at, at + 1 + random.below(60))
}

function randomCharacter(random: Random): string {
  const limit = random.oneIn(4) ? 0x1_0000 : 0x80
  return String.fromCharCode(random.below(limit))
}

const WORDS = /[\p{L}_][\p{L}\p{N}_]*|\d[\w.]*|\s+|"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|[=!<>&|?:]+|./gsu

/** Words, numbers, quoted strings, comments, blanks, signs: one after the other they are the text. */
export function splitWords(text: string): readonly string[] {
  return text.match(WORDS) ?? []
}

/** Takes words out, doubles, moves or exchanges them: most of the text stays right. */
export function mutateWords(text: string, random: Random, vocabulary: readonly string[]): string {
  const words = [...splitWords(text)]
  if (words.length === 0) return random.pick(vocabulary)
  const at = random.below(words.length)
  const other = random.below(words.length)
  switch (random.below(6)) {
    case 0:
      words.splice(at, 1)
      break
    case 1:
      words.splice(at, 0, words[at] ?? '')
      break
    case 2:
      words[at] = random.pick(vocabulary)
      break
    case 3:
      words.splice(at, 0, random.pick(vocabulary), ' ')
      break
    case 4: {
      const word = words[at] ?? ''
      words[at] = words[other] ?? ''
      words[other] = word
      break
    }
    default:
      words.splice(at, 1 + random.below(12), ...words.slice(other, other + random.below(12)))
  }
  return words.join('').slice(0, MAX_LENGTH)
}

/** Shorter texts, the shortest first: parts left out, from halves down to single characters. */
export function* shrinkText(text: string): Generator<string> {
  const smallest = text.length > 500 ? 16 : 1
  for (let size = Math.ceil(text.length / 2); size >= smallest; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < text.length; at += size) yield replace(text, at, size, '')
  }
}
