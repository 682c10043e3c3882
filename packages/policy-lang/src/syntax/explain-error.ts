// Makes of an error of the parser library a sentence of ours, at the place where the author would look for it.
import type { IRecognitionException, IToken } from 'chevrotain'
import type { Span } from '../diagnostics/span.ts'
import { toVisibleText } from '../diagnostics/visible-text.ts'
import { DECLARATION_WORDS, FOREIGN_DECLARATIONS, suggestDeclaration } from './cut.ts'
import { readExpectedTokens } from './expected-tokens.ts'
import { NestingError } from './nesting.ts'
import type { Problem } from './problem.ts'
import { findSlip, missingOperandHint } from './slips.ts'
import { endOf, isA, isBalanced, isClosing, isOf } from './token-stream.ts'
import * as t from './tokens.ts'

/** Where the parser stopped, and what it knew. */
export interface ErrorSite {
  /** All tokens of the piece that was parsed. */
  readonly tokens: readonly IToken[]
  readonly index: number
  readonly previous: IToken | undefined
  /** Undefined at the end of the piece. */
  readonly token: IToken | undefined
  readonly next: IToken | undefined
  /** The innermost rule of the grammar; empty where a whole declaration had been read. */
  readonly rule: string
  readonly stack: readonly string[]
  /** Labels of tokens that could have stood there. */
  readonly expected: readonly string[]
}

interface Source {
  readonly file: string
  readonly text: string
}

export function explainError(
  error: IRecognitionException | NestingError,
  tokens: readonly IToken[],
  source: Source,
): Problem {
  if (error instanceof NestingError) return nestingProblem(error.span)
  const site = siteOf(error, tokens)
  const slip = findSlip(site)
  if (slip !== undefined) {
    const { at = site.token, ...problem } = slip
    return { ...problem, span: spanAt(at, site.previous, source) }
  }
  if (isUnopened(site)) {
    const message = `${quote(site.token ?? error.token)} closes nothing`
    return {
      code: 'unmatched-brace',
      message,
      span: spanAt(site.token, site.previous, source),
      hint: UNMATCHED_HINT,
    }
  }
  return {
    code: 'unexpected-token',
    message: describe(site),
    span: spanAt(site.token, site.previous, source),
    related: openedHere(site, source),
    hint: describeCure(site),
  }
}

export const UNMATCHED_HINT = 'remove it, or open one before'

/** What most likely mends the text where nothing is known of what was meant. */
function describeCure({ token, previous, expected, rule }: ErrorSite): string | undefined {
  const [only] = expected
  if (expected.length !== 1 || only === undefined) {
    if (token !== undefined || previous === undefined) return undefined
    return isOf(previous, t.Operator) || isA(previous, t.IfKeyword, t.UnlessKeyword, t.WhenKeyword)
      ? missingOperandHint(previous)
      : undefined
  }
  if (CLOSERS.has(only)) return rule === '' ? undefined : `close it with \`${only}\``
  if (!SIGNS.has(only)) return undefined
  if (isA(token, t.Comma, t.Colon, t.Equals, t.Dot, t.Minus, t.LeftBrace)) return `write \`${only}\``
  return token === undefined ? `go on with \`${only}\`` : `put \`${only}\` in front of it`
}

const SIGNS: ReadonlySet<string> = new Set([':', '=', '::', '('])

export function nestingProblem(span: Span): Problem {
  return {
    code: 'nesting-too-deep',
    message: 'nesting deeper than 100',
    span,
    hint: 'give parts of it a name with `let` or `fn`',
  }
}

/** Tokens that start no declaration: a misspelt keyword, the keyword of another language, or anything else. */
export function explainPieceStart(tokens: readonly IToken[], source: Source): Problem | undefined {
  const [first] = tokens
  if (first === undefined || DECLARATION_STARTS.has(first.tokenType)) return undefined
  const span = spanAt(first, undefined, source)
  if (isClosing(first))
    return {
      code: 'unmatched-brace',
      message: `\`${first.image}\` closes nothing`,
      span,
      hint: UNMATCHED_HINT,
    }
  const foreign = FOREIGN_DECLARATIONS.get(first.image)
  const near = suggestDeclaration(first.image)
  const hint =
    foreign ??
    (near === undefined
      ? `declarations start with ${joinWithOr(DECLARATION_WORDS.map((word) => `\`${word}\``))}`
      : `did you mean \`${near}\``)
  return { code: 'unknown-declaration', message: `${quote(first)} starts no declaration`, span, hint }
}

const DECLARATION_STARTS: ReadonlySet<unknown> = new Set([
  ...[t.SubjectKeyword, t.ResourceKeyword, t.EntityKeyword, t.TypeKeyword, t.ContextKeyword, t.TrustKeyword],
  ...[t.InheritedKeyword, t.RoleKeyword, t.AssignKeyword, t.LetKeyword, t.FnKeyword, t.RuleKeyword],
  ...[t.TestKeyword, t.InvariantKeyword],
])

function siteOf(error: IRecognitionException, tokens: readonly IToken[]): ErrorSite {
  const found = tokens.indexOf(error.token)
  const index = found < 0 ? tokens.length : found
  const isLeftOver = error.name === 'NotAllInputParsedException'
  const stack = isLeftOver ? [] : error.context.ruleStack
  return {
    tokens,
    index,
    previous: tokens[index - 1],
    token: tokens[index],
    next: tokens[index + 1],
    rule: stack.at(-1) ?? '',
    stack,
    expected: readExpectedTokens(error.message),
  }
}

/** The place of a token; behind the last one at the end of what was parsed. */
function spanAt(token: IToken | undefined, previous: IToken | undefined, source: Source): Span {
  if (token !== undefined) return { file: source.file, start: token.startOffset, end: endOf(token) }
  const end = previous === undefined ? 0 : endOf(previous)
  return { file: source.file, start: end, end }
}

function describe(site: ErrorSite): string {
  const expected = describeExpected(site)
  if (site.token !== undefined) {
    return expected === undefined
      ? `unexpected ${quote(site.token)}`
      : `unexpected ${quote(site.token)}, expected ${expected}`
  }
  const after = site.previous === undefined ? '' : ` after ${quote(site.previous)}`
  return expected === undefined ? `something is missing${after}` : `expected ${expected}${after}`
}

function quote(token: IToken): string {
  const text = toVisibleText(token.image)
  return `\`${text.length > 40 ? `${text.slice(0, 39)}…` : text}\``
}

/** What could have stood at a place, in the words of the manual. */
function describeExpected(site: ErrorSite): string | undefined {
  const [only] = site.expected
  const isClose = site.expected.length === 1 && only !== undefined && CLOSERS.has(only)
  const noun = isClose ? CLOSE_NOUNS.get(site.rule) : RULE_NOUNS.get(site.rule)
  if (noun !== undefined && (isClose || site.expected.length !== 1)) return noun
  if (site.expected.length === 0) return undefined
  return joinWithOr(site.expected.map(describeLabel))
}

const CLOSERS: ReadonlySet<string> = new Set(['}', ')', ']'])
const CLOSE_NOUNS: ReadonlyMap<string, string> = new Map([
  ['typeBody', 'an attribute, `actions`, `stored` or `}`'],
  ['attributes', 'an attribute or `}`'],
  ['roleBody', '`can` or `}`'],
  ['test', '`given`, `subject`, `resource`, `context`, `now`, `allow`, `deny` or `}`'],
  ['given', 'an entity, `assign` or `}`'],
  ['fixtureEntries', '`,` or `}`'],
  ['recordLiteral', '`,` or `}`'],
  ['arguments', '`,` or `)`'],
  ['values', '`,` or `)`'],
  ['parameters', '`,` or `)`'],
  ['setLiteral', '`,` or `]`'],
  ['fixtureRoles', '`,` or `]`'],
  ['fixtureParents', '`,` or `]`'],
  ['parenthesised', 'an operator or `)`'],
])

const RULE_NOUNS: ReadonlyMap<string, string> = new Map([
  ['declaration', 'a declaration'],
  ['entityType', 'a type'],
  ['typeMember', 'an attribute, `actions` or `stored`'],
  ['storedLine', 'an attribute, `parents` or `roles`'],
  ['actionsLine', '`=`, `(` or `,`'],
  ['type', 'a type'],
  ['singleType', 'a type'],
  ['role', 'the rest of a role'],
  ['target', 'an entity, `any Type`, `anyone` or `role of entity`'],
  ['scope', 'an entity or `any Type`'],
  ['whoList', 'a role, a type, an entity or `anyone`'],
  ['who', 'a role, a type, an entity or `anyone`'],
  ['testItem', '`given`, `subject`, `resource`, `context`, `now`, `allow` or `deny`'],
  ['givenItem', 'an entity or `assign`'],
  ['fixtureParents', 'an entity or a list of entities'],
  ['fixtureValue', 'a value'],
  ['expectation', 'the name of an action'],
  ['ruleId', 'the id of a rule'],
  ['expression', 'an expression'],
  ['operation', 'an expression'],
  ['operand', 'an expression'],
  ['primary', 'an expression'],
  ['suffix', '`.`, `?.` or `[`'],
  ['step', 'an operator'],
  ['name', 'a name'],
  ['word', 'a name'],
  ['names', 'a name'],
  ['actionName', 'the name of an action'],
  ['actionNames', 'the name of an action'],
  ['actionList', 'the name of an action or `*`'],
  ['typeList', 'a type or `*`'],
])

function describeLabel(label: string): string {
  return label.startsWith('a ') || label.startsWith('an ') || label.startsWith('the ')
    ? label
    : `\`${label}\``
}

function joinWithOr(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} or ${last}`
}

/** Whether the parser stopped at a closing bracket that nothing has opened. */
function isUnopened({ token, tokens, index }: ErrorSite): boolean {
  return isClosing(token) && isBalanced(tokens.slice(0, index))
}

/** Where a closing bracket is missing, the bracket that it should close. */
function openedHere(site: ErrorSite, source: Source): Problem['related'] {
  const [closer] = site.expected
  const opener = closer === undefined ? undefined : OPENERS.get(closer)
  if (opener === undefined || site.expected.length > 1) return undefined
  let depth = 0
  for (let index = site.index - 1; index >= 0; index--) {
    const token = site.tokens[index]
    if (token?.image === closer) depth++
    if (token?.image === opener && depth-- === 0) {
      return [{ span: spanAt(token, undefined, source), message: `\`${opener}\` was opened here` }]
    }
  }
  return undefined
}

const OPENERS: ReadonlyMap<string, string> = new Map([
  ['}', '{'],
  [')', '('],
  [']', '['],
])
