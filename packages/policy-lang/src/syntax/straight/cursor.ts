import { isActionWord, isNameWord, isValueWord, KEYWORDS, SOFT_KEYWORDS } from '../../ast/keywords.ts'
import type { Name } from '../../ast/nodes.ts'
import type { Span } from '../../diagnostics/span.ts'
import { type Comment, CommentTable } from '../comments.ts'
import { MAX_NESTING } from '../nesting.ts'
import { readText } from '../text.ts'
import { DurationText } from '../tokens.ts'
import { BLANK, classOf, DIGIT, LETTER } from './character-class.ts'

/** Thrown at the first thing that is not as it should be: the parser with the messages takes over. */
export const GIVE_UP: unique symbol = Symbol('give up')

export function giveUp(): never {
  throw GIVE_UP
}

/** Of an operator between two operands; the larger binds tighter. */
export const PRECEDENCE = { none: 0, or: 1, and: 2, comparison: 3, sum: 4, product: 5, coalesce: 6 } as const

interface Word {
  readonly text: string
  /** The word itself where it is a keyword, else `identifier`. */
  readonly kind: string
  readonly precedence: number
  readonly isName: boolean
  readonly isAction: boolean
  readonly isValue: boolean
}

const COMPARING_WORDS: ReadonlySet<string> = new Set(['in', 'is', 'has', 'like', 'matches'])

const KEYWORD_TABLE: ReadonlyMap<string, Word> = new Map(
  [...KEYWORDS, ...SOFT_KEYWORDS].map((text) => [
    text,
    {
      text,
      kind: text,
      precedence: COMPARING_WORDS.has(text) ? PRECEDENCE.comparison : PRECEDENCE.none,
      isName: isNameWord(text),
      isAction: isActionWord(text),
      isValue: isValueWord(text),
    },
  ]),
)

const DURATION = new RegExp((DurationText.PATTERN as RegExp).source, 'y')

/**
 * One token of a text at a time, without making objects of them. Its `kind` is its own text for keywords and signs,
 * else `identifier`, `string`, `number`, `duration` or `end`.
 */
export class Cursor {
  readonly file: string
  readonly source: string
  readonly comments: Comment[] = []
  readonly #docs: CommentTable
  readonly #words: Map<string, Word>
  kind = 'end'
  start = 0
  end = 0
  precedence: number = PRECEDENCE.none
  /** Of the token before. */
  previousEnd = -1
  /** How many tokens were read. */
  count = 0
  /** How deep expressions and types nest here. */
  depth = 0
  #brackets = 0
  #word: Word | undefined
  #hasEscape = false

  constructor(file: string, source: string, start = 0, words: Map<string, Word> = new Map(KEYWORD_TABLE)) {
    this.file = file
    this.source = source
    this.#words = words
    this.#docs = new CommentTable(this.comments, source)
    this.#scan(start)
  }

  advance(): void {
    this.previousEnd = this.end
    this.count++
    this.#scan(this.end)
  }

  /** Another one in the same text, for which no word is new that was met here. */
  startAt(start: number): Cursor {
    return new Cursor(this.file, this.source, start, this.#words)
  }

  /** Passes text that is known to be in order, between two declarations. */
  skipTo(end: number): void {
    this.previousEnd = end
    this.count++
    this.#scan(end)
  }

  /** Undoes `skipTo`: back to the token that started at `start`. */
  goBack(start: number, previousEnd: number, commentCount: number): void {
    this.comments.length = commentCount
    this.#brackets = 0
    this.#scan(start)
    this.previousEnd = previousEnd
  }

  is(kind: string): boolean {
    return this.kind === kind
  }

  take(kind: string): void {
    if (this.kind !== kind) throw GIVE_UP
    this.advance()
  }

  /** Takes it where it is there. */
  takes(kind: string): boolean {
    if (this.kind !== kind) return false
    this.advance()
    return true
  }

  /** The kind of the token after this one. */
  peek(): string {
    const { kind, start, end, precedence } = this
    const [word, hasEscape, brackets, commentCount] = [
      this.#word,
      this.#hasEscape,
      this.#brackets,
      this.comments.length,
    ]
    this.#scan(end)
    const next = this.kind
    this.kind = kind
    this.start = start
    this.end = end
    this.precedence = precedence
    this.#word = word
    this.#hasEscape = hasEscape
    this.#brackets = brackets
    this.comments.length = commentCount
    return next
  }

  get isName(): boolean {
    return this.kind === 'string' || this.#word?.isName === true
  }

  get isAction(): boolean {
    return this.kind === 'string' || this.#word?.isAction === true
  }

  /** A word that stands for a value. A string does not count. */
  get isValue(): boolean {
    return this.#word?.isValue === true
  }

  get isWord(): boolean {
    return this.#word !== undefined
  }

  /** The name of a type, a role, a rule, a value or a function. */
  name(): Name {
    return this.isName ? this.anyName() : giveUp()
  }

  actionName(): Name {
    return this.isAction ? this.anyName() : giveUp()
  }

  /** Whatever word or string stands here, as a name. */
  anyName(): Name {
    const span = this.span()
    const name = this.#word === undefined ? this.text() : this.#word.text
    this.advance()
    return { name, span }
  }

  /** The content of the string that stands here. */
  text(): string {
    if (this.kind !== 'string') throw GIVE_UP
    if (!this.#hasEscape) return this.source.slice(this.start + 1, this.end - 1)
    return readText({ file: this.file, image: this.image(), start: this.start }, giveUp)
  }

  /** The content of a string that must stand here, read over. */
  title(): string {
    const text = this.text()
    this.advance()
    return text
  }

  image(): string {
    return this.source.slice(this.start, this.end)
  }

  names(): Name[] {
    const names = [this.name()]
    while (this.takes(',')) names.push(this.name())
    return names
  }

  actionNames(): Name[] {
    const names = [this.actionName()]
    while (this.takes(',')) names.push(this.actionName())
    return names
  }

  /** Of the token at hand. */
  span(): Span {
    return { file: this.file, start: this.start, end: this.end }
  }

  /** From an offset to the end of the last token read. */
  since(start: number): Span {
    return { file: this.file, start, end: this.previousEnd }
  }

  /** The doc comment in front of the token at hand. */
  doc(): string | undefined {
    const last = this.comments.at(-1)
    if (last === undefined || last.start < this.previousEnd) return undefined
    return this.#docs.docBetween(this.previousEnd, this.start)
  }

  enter(): void {
    if (++this.depth > MAX_NESTING) throw GIVE_UP
  }

  #scan(from: number): void {
    const start = this.#skipLayout(from)
    this.start = start
    this.#word = undefined
    this.precedence = PRECEDENCE.none
    const code = this.source.charCodeAt(start)
    const found = classOf(code)
    if (found === LETTER) this.#scanWord(start)
    else if (code === 34) this.#scanText(start)
    else if (found === DIGIT) this.#scanNumber(start)
    else this.#scanSign(start, code)
  }

  #skipLayout(from: number): number {
    const { source } = this
    let at = from
    for (;;) {
      const code = source.charCodeAt(at)
      if (classOf(code) === BLANK || code === 0xfeff) at++
      else if (code === 47 && source.charCodeAt(at + 1) === 47) at = this.#skipComment(at)
      else return at
    }
  }

  #skipComment(start: number): number {
    const { source } = this
    const line = source.indexOf('\n', start)
    let end = line === -1 ? source.length : line
    // A carriage return stands in front of a line feed only.
    if (source.charCodeAt(end - 1) === 13) end--
    this.comments.push({ start, text: source.slice(start, end) })
    return end
  }

  #scanWord(start: number): void {
    const { source } = this
    let end = start + 1
    while (classOf(source.charCodeAt(end)) >= LETTER) end++
    this.end = end
    const text = source.slice(start, end)
    let word = this.#words.get(text)
    if (word === undefined) {
      word = { text, kind: 'identifier', precedence: 0, isName: true, isAction: true, isValue: true }
      this.#words.set(text, word)
    }
    this.#word = word
    this.kind = word.kind
    this.precedence = word.precedence
  }

  #scanText(start: number): void {
    const { source } = this
    let at = start + 1
    let hasEscape = false
    for (let code = source.charCodeAt(at); code !== 34; code = source.charCodeAt(at)) {
      if (code === 92) {
        hasEscape = true
        code = source.charCodeAt(++at)
      }
      if (code === 10 || code === 13 || Number.isNaN(code)) throw GIVE_UP
      at++
    }
    this.kind = 'string'
    this.end = at + 1
    this.#hasEscape = hasEscape
  }

  #scanNumber(start: number): void {
    const { source } = this
    let end = skipDigits(source, start)
    const next = source.charCodeAt(end)
    if (classOf(next) === LETTER) {
      DURATION.lastIndex = start
      if (!DURATION.test(source)) throw GIVE_UP
      this.kind = 'duration'
      this.end = DURATION.lastIndex
      return
    }
    if (next === 46 && classOf(source.charCodeAt(end + 1)) === DIGIT) {
      end = skipDigits(source, end + 1)
      const after = source.charCodeAt(end)
      const isSecond = after === 46 && classOf(source.charCodeAt(end + 1)) === DIGIT
      if (isSecond || classOf(after) === LETTER) throw GIVE_UP
    }
    this.kind = 'number'
    this.end = end
  }

  #scanSign(start: number, code: number): void {
    const kind = signAt(this.source, start, code)
    this.kind = kind
    this.end = kind === 'end' ? start : start + kind.length
    this.precedence = PRECEDENCES.get(kind) ?? PRECEDENCE.none
    if (kind === '(' || kind === '{' || kind === '[') {
      if (++this.#brackets > MAX_NESTING) throw GIVE_UP
    } else if (this.#brackets > 0 && (kind === ')' || kind === '}' || kind === ']')) this.#brackets--
  }
}

const PRECEDENCES: ReadonlyMap<string, number> = new Map([
  ['||', PRECEDENCE.or],
  ['&&', PRECEDENCE.and],
  ...['==', '!=', '<', '<=', '>', '>='].map((sign) => [sign, PRECEDENCE.comparison] as const),
  ['+', PRECEDENCE.sum],
  ['-', PRECEDENCE.sum],
  ['*', PRECEDENCE.product],
  ['??', PRECEDENCE.coalesce],
])

/** The sign that starts at a character. Signs of other languages are none. */
function signAt(source: string, start: number, code: number): string {
  const next = source.charCodeAt(start + 1)
  switch (code) {
    case 123:
      return '{'
    case 125:
      return '}'
    case 40:
      return '('
    case 41:
      return ')'
    case 91:
      return '['
    case 93:
      return ']'
    case 44:
      return ','
    case 46:
      return '.'
    case 43:
      return '+'
    case 45:
      return '-'
    case 42:
      return '*'
    case 58: // :
      return next === 58 ? '::' : ':'
    case 60: // <
      return next === 61 ? '<=' : '<'
    case 62: // >
      return next === 61 ? '>=' : '>'
    case 124: // |
      return next === 124 ? '||' : '|'
    case 38: // &
      return next === 38 ? '&&' : giveUp()
    case 63: // ?
      return next === 63 ? '??' : next === 46 ? '?.' : '?'
    case 61: // =
      return next === 61 ? unlessEquals(source, start + 2, '==') : '='
    case 33: // !
      return next === 61 ? unlessEquals(source, start + 2, '!=') : '!'
    case 35: // #
      return classOf(next) === DIGIT ? '#' : giveUp()
    default:
      return start === source.length ? 'end' : giveUp()
  }
}

/** `===` and `!==` are operators of other languages. */
function unlessEquals(source: string, after: number, sign: string): string {
  return source.charCodeAt(after) === 61 ? giveUp() : sign
}

function skipDigits(source: string, start: number): number {
  let end = start
  while (classOf(source.charCodeAt(end)) === DIGIT) end++
  return end
}
