import { type ILexingResult, type IToken, Lexer } from 'chevrotain'
import type { SourceFile } from '../diagnostics/span.ts'
import { toVisibleText } from '../diagnostics/visible-text.ts'
import type { Comment } from './comments.ts'
import type { Problem } from './problem.ts'
import * as t from './tokens.ts'

/** The tokens and comments of a source, and what is wrong with single tokens. */
export interface LexedSource {
  readonly tokens: readonly IToken[]
  readonly comments: readonly Comment[]
  readonly problems: readonly Problem[]
}

let lexer: Lexer | undefined

/** @internal */
export function createLexer({ skipValidations }: { readonly skipValidations: boolean }): Lexer {
  return new Lexer(t.TOKENS, { positionTracking: 'onlyOffset', ensureOptimizations: true, skipValidations })
}

export function lexSource(source: SourceFile): LexedSource {
  // The checks of the parser library on the tokens run in a test.
  lexer ??= createLexer({ skipValidations: true })
  const lexed = lexer.tokenize(source.text)
  const found = lexed.groups.comments ?? []
  const comments = found.map((token) => ({ start: token.startOffset, text: token.image }))
  return { tokens: lexed.tokens, comments, problems: findProblems(lexed, source) }
}

function findProblems(lexed: ILexingResult, source: SourceFile): readonly Problem[] {
  const problems = findUnsafeCharacters(source)
  // An unsafe character outside strings and comments is an unknown one too.
  const unsafe = new Set(problems.map(({ span }) => span.start))
  for (const { offset, length } of lexed.errors) {
    if (!unsafe.has(offset)) problems.push(unknownCharacter(source, offset, offset + length))
  }
  for (const token of lexed.groups.slips ?? []) problems.push(slipProblem(token, source))
  for (const token of lexed.tokens) {
    const describe = WRONG_TOKENS.get(token.tokenType)
    if (describe !== undefined) problems.push({ ...describe(token), span: spanOf(token, source) })
  }
  return problems
}

function withoutQuotes(image: string): string {
  const isOpen = image.startsWith("'") && !(image.length > 1 && image.endsWith("'"))
  return image.slice(1, isOpen ? undefined : -1)
}

type Description = Omit<Problem, 'span'>

/** Tokens that are never right. The grammar takes them for what was meant. */
const WRONG_TOKENS: ReadonlyMap<unknown, (token: IToken) => Description> = new Map<
  unknown,
  (token: IToken) => Description
>([
  [
    t.UnterminatedText,
    () => ({
      code: 'unterminated-string',
      message: 'the string is not closed on its line',
      hint: 'close it with `"`; a line break inside is written `\\n`',
    }),
  ],
  [
    t.SingleQuotedText,
    (token) => ({
      code: 'foreign-syntax',
      message: 'strings stand in double quotes',
      hint: `write ${JSON.stringify(withoutQuotes(token.image).replace(/^%|%$/g, '*'))}`,
    }),
  ],
  [
    t.BadNumber,
    (token) => ({
      code: 'bad-number',
      message: `\`${token.image}\` is neither a number nor a duration`,
      hint: 'numbers are digits with an optional fraction, `1000.5`; durations have days, hours, minutes and seconds in that order, `1d12h`, `90s`',
    }),
  ],
  [t.TripleEquals, () => foreign('`===`', '`==`')],
  [t.NotDoubleEquals, () => foreign('`!==`', '`!=`')],
  [t.SingleAnd, () => foreign('`&`', '`&&`')],
])

function foreign(written: string, meant: string): Description {
  return {
    code: 'foreign-syntax',
    message: `${written} is no operator of the language`,
    hint: `write ${meant}`,
  }
}

const SLIPS: ReadonlyMap<unknown, readonly [string, string]> = new Map([
  [t.Semicolon, ['nothing ends with `;`', 'remove it: a declaration ends where the next one starts']],
  [t.BlockComment, ['comments start with `//`', 'write `//` in front of each line']],
  [t.HashComment, ['comments start with `//`', 'write `//` for `#`']],
])

function slipProblem(token: IToken, source: SourceFile): Problem {
  const [message, hint] = SLIPS.get(token.tokenType) ?? ['this cannot stand here', undefined]
  return { code: 'foreign-syntax', message, span: spanOf(token, source), hint }
}

function unknownCharacter(source: SourceFile, start: number, end: number): Problem {
  const characters = source.text.slice(start, end)
  return {
    code: 'unexpected-character',
    message: `\`${toVisibleText(characters)}\` cannot stand here`,
    span: { file: source.name, start, end },
    hint: CHARACTER_HINTS.find(([pattern]) => pattern.test(characters))?.[1],
  }
}

const CHARACTER_HINTS: readonly (readonly [RegExp, string])[] = [
  [/[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019`]/, 'strings stand in straight double quotes: `"`'],
  [/[/%]/, 'there is no division: multiply, or compare with a multiple'],
  [/@/, 'there are no annotations: describe with `///`, and name rules `rule NAME: …`'],
  [/[\u2013\u2014\u2212]/, 'this is a dash: write `-`'],
  [/[^\p{ASCII}]/u, 'names of other letters stand in double quotes'],
]

// Control characters could hide text from people who read a policy in a terminal or an editor, and the marks of
// writing direction could show it in another order than it is read in (CVE-2021-42574).
const UNSAFE_CHARACTER = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu

function findUnsafeCharacters(source: SourceFile): Problem[] {
  const problems: Problem[] = []
  for (const { 0: character, index } of source.text.matchAll(UNSAFE_CHARACTER)) {
    if (isLayout(character, source.text, index)) continue
    problems.push({
      code: 'unexpected-character',
      message: `the invisible character \`${toVisibleText(character)}\` cannot stand in a policy`,
      span: { file: source.name, start: index, end: index + 1 },
      hint: `remove it; in a string it may be written \`\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}\``,
    })
  }
  return problems
}

/** Line ends, tabs, a byte order mark. A carriage return alone ends a line for some readers and not for others. */
function isLayout(character: string, text: string, index: number): boolean {
  if (character === '\n' || character === '\t') return true
  if (character === '\ufeff') return index === 0
  return character === '\r' && text[index + 1] === '\n'
}

function spanOf(token: IToken, source: SourceFile): Problem['span'] {
  return { file: source.name, start: token.startOffset, end: token.startOffset + token.image.length }
}
