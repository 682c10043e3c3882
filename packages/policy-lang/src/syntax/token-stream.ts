import type { IToken, TokenType } from 'chevrotain'
import { type LineTable, lineTableOf } from '../diagnostics/line-table.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { MAX_NESTING } from './nesting.ts'
import * as t from './tokens.ts'

const OPENING: ReadonlySet<unknown> = new Set([t.LeftBrace, t.LeftParen, t.LeftBracket])
const CLOSING: ReadonlySet<unknown> = new Set([t.RightBrace, t.RightParen, t.RightBracket])

export function isOpening(token: IToken | undefined): boolean {
  return OPENING.has(token?.tokenType)
}

export function isClosing(token: IToken | undefined): boolean {
  return CLOSING.has(token?.tokenType)
}

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length
}

export function isA(token: IToken | undefined, ...types: readonly unknown[]): boolean {
  return token !== undefined && types.includes(token.tokenType)
}

/** Whether a token is of a category of words, or a string where names are asked for. */
export function isName(token: IToken | undefined): boolean {
  return isA(token, t.Text) || isOf(token, t.NameWord)
}

export function isOf(token: IToken | undefined, category: TokenType): boolean {
  return token?.tokenType.CATEGORIES?.includes(category) ?? false
}

/** The bracket that opens level 101: counted before parsing, so that the parser needs no more stack than that. */
export function findTooDeepBracket(tokens: readonly IToken[]): IToken | undefined {
  let depth = 0
  for (const token of tokens) {
    if (isOpening(token) && ++depth > MAX_NESTING) return token
    if (isClosing(token) && depth > 0) depth--
  }
  return undefined
}

const CLOSER_OF: ReadonlyMap<unknown, unknown> = new Map([
  [t.LeftBrace, t.RightBrace],
  [t.LeftParen, t.RightParen],
  [t.LeftBracket, t.RightBracket],
])

/** Whether every bracket is closed by one of its kind. */
export function isBalanced(tokens: readonly IToken[]): boolean {
  const closers: unknown[] = []
  for (const token of tokens) {
    if (isOpening(token)) closers.push(CLOSER_OF.get(token.tokenType))
    else if (isClosing(token) && closers.pop() !== token.tokenType) return false
  }
  return closers.length === 0
}

/** How the tokens stand in lines. Only asked after an error: layout means nothing. */
export class TokenLines {
  readonly #tokens: readonly IToken[]
  readonly #text: string
  readonly #table: LineTable
  /** The smallest indentation of a line with tokens. */
  readonly base: number

  constructor(tokens: readonly IToken[], source: SourceFile) {
    this.#tokens = tokens
    this.#text = source.text
    this.#table = lineTableOf(source)
    let base = Number.POSITIVE_INFINITY
    tokens.forEach((_, index) => {
      if (this.isFirst(index)) base = Math.min(base, this.indentOf(index))
    })
    this.base = base
  }

  isFirst(index: number): boolean {
    const token = this.#tokens[index]
    const previous = this.#tokens[index - 1]
    if (token === undefined) return false
    if (previous === undefined) return true
    return this.#text.slice(endOf(previous), token.startOffset).includes('\n')
  }

  /** The indentation of the line that a token stands in. */
  indentOf(index: number): number {
    const lineStart = this.#table.startOf(this.#table.lineOf(this.#tokens[index]?.startOffset ?? 0))
    let at = lineStart
    while (this.#text[at] === ' ' || this.#text[at] === '\t' || this.#text[at] === '\uFEFF') at++
    return at - lineStart
  }
}
