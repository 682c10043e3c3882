// Cuts the tokens of a broken source into declarations, and the body of a broken declaration into statements, so
// that each mistake is found where it is. Indentation helps here, and only here: it never changes meaning.
import type { IToken } from 'chevrotain'
import { suggestName } from '../diagnostics/suggest.ts'
import { isA, isClosing, isName, isOf, isOpening, type TokenLines } from './token-stream.ts'
import * as t from './tokens.ts'

/** Tokens that one declaration seems to be made of. */
export interface Piece {
  readonly from: number
  /** Behind the last token. */
  readonly to: number
  /** A brace of the piece that nothing closes. */
  readonly unclosed?: IToken
  /** The first `}` that closes nothing. */
  readonly unmatched?: IToken
}

export function cutDeclarations(tokens: readonly IToken[], lines: TokenLines): readonly Piece[] {
  const cutter = new DeclarationCutter(tokens, lines)
  return cutter.cut()
}

class DeclarationCutter {
  readonly #tokens: readonly IToken[]
  readonly #lines: TokenLines
  readonly #pieces: Piece[] = []
  #open: IToken[] = []
  #from = 0
  #unmatched: IToken | undefined

  constructor(tokens: readonly IToken[], lines: TokenLines) {
    this.#tokens = tokens
    this.#lines = lines
  }

  cut(): readonly Piece[] {
    this.#tokens.forEach((token, index) => {
      if (index > this.#from && this.#startsPiece(index)) this.#endPiece(index)
      if (isA(token, t.LeftBrace)) this.#open.push(token)
      if (isA(token, t.RightBrace) && this.#open.pop() === undefined) this.#unmatched ??= token
    })
    this.#endPiece(this.#tokens.length)
    return this.#pieces
  }

  /** At the margin, or after a declaration on a line that starts there. */
  #startsPiece(index: number): boolean {
    if (this.#lines.indentOf(index) !== this.#lines.base) return false
    if (this.#lines.isFirst(index)) return startsDeclaration(this.#tokens, index, this.#open.length === 0)
    return this.#open.length === 0 && startsDeclarationInLine(this.#tokens, index)
  }

  #endPiece(to: number): void {
    const unclosed = this.#open.at(-1)
    if (to > this.#from) {
      this.#pieces.push({
        from: this.#from,
        to,
        ...(unclosed === undefined ? {} : { unclosed }),
        ...(this.#unmatched === undefined ? {} : { unmatched: this.#unmatched }),
      })
    }
    this.#from = to
    this.#open = []
    this.#unmatched = undefined
  }
}

// --- where declarations start ---

export const DECLARATION_WORDS: readonly string[] =
  'subject resource entity type context trust inherited role assign let fn rule test invariant'.split(' ')
/** What other languages start declarations with, and what this one has for it. */
export const FOREIGN_DECLARATIONS: ReadonlyMap<string, string> = new Map([
  ['permit', 'write `rule NAME: allow …`'],
  ['allow', 'every rule has a name: write `rule NAME: allow …`'],
  ['forbid', 'write `rule NAME: deny …`'],
  ['deny', 'every rule has a name: write `rule NAME: deny …`'],
  ['policy', 'write `rule NAME: allow …`'],
  ['import', 'all files of a policy set see each other: nothing is imported'],
  ['package', 'all files of a policy set see each other: there are no packages'],
  ['namespace', 'names with a prefix stand in double quotes: there are no name spaces'],
  ['module', 'all files of a policy set see each other: there are no modules'],
  ['define', 'write `role name of Type if …` for a role, `let` or `fn` for a value'],
  ['definition', 'write `resource Name { … }`'],
  ['function', 'write `fn name(parameter: Type) = …`'],
  ['def', 'write `fn name(parameter: Type) = …`'],
  ['const', 'write `let NAME = …`'],
  ['var', 'write `let NAME = …`'],
  ['action', 'actions stand in the type that they are done to: `resource Name { actions read }`'],
  ['actions', 'actions stand in the type that they are done to: `resource Name { actions read }`'],
  ['grant', 'write `assign role to …`, or `can …` in the body of a role'],
  ['user', 'write `subject Name { … }`'],
  [
    'can',
    'a grant stands in the body of a role, `role NAME { can … }`; on its own it is a rule, `rule NAME: allow …`',
  ],
  ['cannot', 'write `rule NAME: deny …`'],
  ['default', 'what no rule allows is denied: leave it out'],
  ['interface', 'write `subject Name { … }`, `resource Name { … }` or `entity Name { … }`'],
  ['class', 'write `subject Name { … }`, `resource Name { … }` or `entity Name { … }`'],
  ['enum', 'write `type Name = "a" | "b"`'],
  ['object', 'write `resource Name { … }`'],
  ['group', 'write `entity Name`, and `in Name` behind what lies in it'],
  ['principal', 'write `subject Name { … }`'],
])

const BINARY_WORDS = [t.InKeyword, t.IsKeyword, t.HasKeyword, t.LikeKeyword, t.MatchesKeyword]

/** At the margin: a keyword that no expression goes on with, or a word that is near to one. */
function startsDeclaration(tokens: readonly IToken[], index: number, isOutside: boolean): boolean {
  const token = tokens[index]
  const next = tokens[index + 1]
  if (token === undefined) return false
  if (DECLARATION_WORDS.includes(token.image)) {
    const isAttribute = isA(next, t.Colon) || (isA(next, t.Question) && isA(tokens[index + 2], t.Colon))
    return (
      !isAttribute &&
      !isA(next, t.Dot, t.QuestionDot) &&
      !isOf(next, t.Operator) &&
      !isA(next, ...BINARY_WORDS)
    )
  }
  if (isMisspelt(token, next)) return true
  return isOutside && FOREIGN_DECLARATIONS.has(token.image) && startsForeign(tokens[index - 1], next)
}

/** A word that is no keyword may also be a name in an expression that goes on here. */
function startsForeign(previous: IToken | undefined, next: IToken | undefined): boolean {
  if (goesOn(previous)) return false
  return (
    isOf(next, t.Word) || isA(next, t.Text, t.LeftParen, t.LeftBrace) || isA(next, t.Equals, t.Colon, t.Star)
  )
}

function isMisspelt(token: IToken, next: IToken | undefined): boolean {
  if (!isA(token, t.Identifier) || !(isName(next) || isA(next, t.LeftBrace))) return false
  return suggestDeclaration(token.image) !== undefined
}

/** The keyword of declarations that a word is near to. */
export function suggestDeclaration(word: string): string | undefined {
  return word.length < 2 ? undefined : suggestName(word, DECLARATION_WORDS)
}

/** Within a line a keyword must be followed by what makes it a declaration. */
function startsDeclarationInLine(tokens: readonly IToken[], index: number): boolean {
  const [previous, token, next, second] = [index - 1, index, index + 1, index + 2].map((at) => tokens[at])
  if (isA(previous, t.ToKeyword, t.Comma, t.Colon, t.SubjectKeyword, t.ResourceKeyword, t.InheritedKeyword))
    return false
  const isOperand = goesOn(previous) || isA(previous, t.IfKeyword, t.UnlessKeyword, t.WhenKeyword, t.Bang)
  switch (token?.tokenType) {
    case t.SubjectKeyword:
    case t.ResourceKeyword:
      if (isOperand) return false
      return isName(next) || isA(next, t.ResourceKeyword)
    case t.EntityKeyword:
    case t.RoleKeyword:
    case t.AssignKeyword:
      return isName(next)
    case t.TypeKeyword:
    case t.LetKeyword:
      return isName(next) && isA(second, t.Equals)
    case t.ContextKeyword:
      return isA(next, t.LeftBrace)
    case t.TrustKeyword:
      return isA(next, t.StoreKeyword)
    case t.InheritedKeyword:
      return isA(next, t.RoleKeyword)
    case t.FnKeyword:
      return isName(next) && isA(second, t.LeftParen)
    case t.RuleKeyword:
      return isName(next) && isA(second, t.Colon)
    case t.TestKeyword:
    case t.InvariantKeyword:
      return isA(next, t.Text)
    default:
      return false
  }
}

// --- bodies ---

export type BodyKind = 'type' | 'role' | 'test' | 'given'

/** What kind of body the braces of a declaration or a statement hold, by its first token. */
export function bodyKindOf(first: IToken | undefined, isInTest: boolean): BodyKind | undefined {
  if (isInTest) return isA(first, t.GivenKeyword) ? 'given' : undefined
  if (isA(first, t.SubjectKeyword, t.ResourceKeyword, t.EntityKeyword, t.ContextKeyword)) return 'type'
  if (isA(first, t.RoleKeyword, t.InheritedKeyword)) return 'role'
  return isA(first, t.TestKeyword) ? 'test' : undefined
}

/** The outermost braces of some tokens: indices of `{` and of its `}`. */
export function findBody(
  tokens: readonly IToken[],
): { readonly open: number; readonly close: number } | undefined {
  const open = tokens.findIndex((token) => isA(token, t.LeftBrace))
  if (open < 0) return undefined
  let depth = 0
  for (let index = open; index < tokens.length; index++) {
    if (isA(tokens[index], t.LeftBrace)) depth++
    if (isA(tokens[index], t.RightBrace) && --depth === 0) return { open, close: index }
  }
  return undefined
}

/** Where the statements of a body start, as indices into its tokens. The first one starts at 0. */
export function cutStatements(
  tokens: readonly IToken[],
  kind: BodyKind,
  isFirstOnLine: (index: number) => boolean,
): readonly number[] {
  const starts: number[] = tokens.length === 0 ? [] : [0]
  let depth = 0
  tokens.forEach((token, index) => {
    if (index > 0 && depth === 0 && STARTS_STATEMENT[kind](tokens, index, isFirstOnLine(index)))
      starts.push(index)
    if (isOpening(token)) depth++
    if (isClosing(token) && depth > 0) depth--
  })
  return starts
}

type StatementTest = (tokens: readonly IToken[], index: number, isFirstOnLine: boolean) => boolean

const STARTS_STATEMENT: Readonly<Record<BodyKind, StatementTest>> = {
  type: (tokens, index, isFirstOnLine) => {
    const [previous, token, next] = [index - 1, index, index + 1].map((at) => tokens[at])
    if (isA(previous, t.StoredKeyword)) return false
    if (isA(token, t.StoredKeyword) && (isOf(next, t.Word) || isA(next, t.Text))) return true
    const isNamed = isOf(token, t.Word) || isA(token, t.Text)
    if (isNamed && isA(next, t.Colon)) return true
    if (isNamed && isA(next, t.Question) && isA(tokens[index + 2], t.Colon)) return true
    if (isA(token, t.ActionsKeyword)) return isOf(next, t.ActionWord) || isA(next, t.Text)
    return isFirstOnLine && isNamed && !goesOn(previous)
  },
  role: (_tokens, index, isFirstOnLine) => {
    const [previous, token] = [_tokens[index - 1], _tokens[index]]
    return isA(token, t.CanKeyword)
      ? !isA(previous, t.Dot, t.Comma)
      : isFirstOnLine && suggestName(token?.image ?? '', ['can']) !== undefined
  },
  test: (tokens, index, isFirstOnLine) => {
    const [previous, token, next] = [index - 1, index, index + 1].map((at) => tokens[at])
    if (isA(token, t.SubjectKeyword, t.ResourceKeyword)) return isName(next) && !goesOn(previous)
    if (isA(token, t.ContextKeyword, t.GivenKeyword)) return isA(next, t.LeftBrace)
    if (isA(token, t.AllowKeyword, t.DenyKeyword, t.NowKeyword)) return !goesOn(previous)
    return (
      isFirstOnLine &&
      isA(token, t.Identifier) &&
      !goesOn(previous) &&
      (isName(next) || isA(next, t.LeftBrace))
    )
  },
  given: (tokens, index, isFirstOnLine) => {
    const [previous, token, next] = [index - 1, index, index + 1].map((at) => tokens[at])
    if (isA(token, t.AssignKeyword)) return true
    if (!isName(token) || !isA(next, t.DoubleColon)) return false
    if (isFirstOnLine) return !isA(previous, t.InKeyword, t.ToKeyword, t.OnKeyword, t.OfKeyword, t.Comma)
    return isA(previous, t.RightBrace, t.RightBracket, t.RightParen, t.Text, t.AnyoneKeyword)
  },
}

/** Whether the line of a token cannot end after it. */
function goesOn(token: IToken | undefined): boolean {
  return (
    isA(token, t.Comma, t.Equals, t.Bar, t.Colon, t.Dot, t.AllowKeyword, t.DenyKeyword) ||
    isOf(token, t.Operator)
  )
}
