// What people write who know other languages, or who slipped: each with the mend.
import type { IToken } from 'chevrotain'
import { KEYWORDS } from '../ast/keywords.ts'
import { suggestName } from '../diagnostics/suggest.ts'
import type { ErrorSite } from './explain-error.ts'
import {
  bodyBehindAll,
  computedPattern,
  conditionShape,
  dashComment,
  equalsSign,
  foreignSign,
  foreignType,
  hasPath,
  listInBrackets,
  quantifierBody,
  roleTest,
  setInParentheses,
  wordOperator,
} from './foreign-slips.ts'
import {
  bareActions,
  bracketedActions,
  conditionList,
  rangeOfValues,
  reservedActionName,
  untypedMember,
} from './list-slips.ts'
import {
  argumentName,
  entitySign,
  grantInParentheses,
  lastCommaOfActions,
  roleShape,
  ruleName,
  ruleOrder,
  testLine,
} from './order-slips.ts'
import { anyInRule, scopeOfAll, scopeWithoutAny, targetOfAll, targetWithoutAny } from './scope-slips.ts'
import { foreign, isOperandEnd, isOperandStart, type Slip, unexpected } from './slip.ts'
import { isA, isOf } from './token-stream.ts'
import * as t from './tokens.ts'

type Recogniser = (site: ErrorSite) => Slip | undefined

export function findSlip(site: ErrorSite): Slip | undefined {
  for (const recognise of RECOGNISERS) {
    const slip = recognise(site)
    if (slip !== undefined) return slip
  }
  return undefined
}

const CONDITION_WORDS: ReadonlySet<string> = new Set(['when', 'where', 'provided', 'condition', 'while'])
const EFFECTS: ReadonlyMap<string, string> = new Map([
  ['permit', 'allow'],
  ['grant', 'allow'],
  ['accept', 'allow'],
  ['forbid', 'deny'],
  ['reject', 'deny'],
  ['refuse', 'deny'],
  ['block', 'deny'],
])

function conditionWord({ token, previous, next, tokens, rule }: ErrorSite): Slip | undefined {
  const word = token?.image ?? ''
  if (!CONDITION_WORDS.has(word) || !isA(tokens[0], t.RuleKeyword, t.CanKeyword, t.InvariantKeyword))
    return undefined
  if (rule !== '' || previous === undefined) return undefined
  return foreign(
    `\`${word}\` starts no condition of a rule`,
    isA(next, t.LeftBrace) ? 'write `if`, without braces' : 'write `if`',
  )
}

function effectWord({ token, rule }: ErrorSite): Slip | undefined {
  const meant = rule === 'effect' ? EFFECTS.get(token?.image.toLowerCase() ?? '') : undefined
  return meant === undefined ? undefined : foreign(`\`${token?.image}\` is no effect`, `write \`${meant}\``)
}

function subjectWord({ token, rule, tokens }: ErrorSite): Slip | undefined {
  const isFor = token?.image === 'for' || token?.image === 'by'
  if (rule !== '' || !isFor || !isA(tokens[0], t.RuleKeyword, t.InvariantKeyword)) return undefined
  return foreign(`\`${token?.image}\` does not say who`, 'write `to`')
}

function clauseAfterDuty({ token, tokens, rule }: ErrorSite): Slip | undefined {
  if (rule !== '' || !isA(token, t.IfKeyword, t.UnlessKeyword)) return undefined
  if (!tokens.some((one) => isA(one, t.ObligateKeyword, t.AdviseKeyword))) return undefined
  return unexpected(
    'a condition cannot follow obligations and advice',
    'put conditions before `obligate` and `advise`',
  )
}

function unquotedId({ token, previous, rule }: ErrorSite): Slip | undefined {
  if (rule !== 'title' || token === undefined || !isOf(token, t.Word)) return undefined
  if (isA(previous, t.DoubleColon))
    return unexpected('an id stands in quotes', `write \`::"${token.image}"\``)
  if (isA(previous, t.TestKeyword, t.InvariantKeyword))
    return unexpected('the title stands in quotes', `write \`"${token.image}"\``)
  return undefined
}

function keywordAsName({ token, rule, previous }: ErrorSite): Slip | undefined {
  const isNameAsked = rule === 'name' || rule === 'names' || rule === 'typeList'
  if (!isNameAsked || token === undefined || !isOf(token, t.Word) || !KEYWORDS.has(token.image))
    return undefined
  if (isA(previous, t.ResourceKeyword) && isA(token, t.SubjectKeyword)) {
    return unexpected('`subject` stands first', 'write `subject resource`')
  }
  return unexpected(`\`${token.image}\` is a keyword`, `write \`"${token.image}"\` where it is a name`)
}

function quantifierInside({ token, next, rule }: ErrorSite): Slip | undefined {
  if (rule !== 'primary' || !isA(token, t.SomeKeyword, t.EveryKeyword)) return undefined
  return {
    code: 'quantifier-position',
    message: `\`${token?.image}\` in the middle of an expression needs parentheses`,
    hint: `write \`(${token?.image} ${next?.image ?? 'x'} in …: …)\``,
  }
}

function lastComma({ token, previous }: ErrorSite): Slip | undefined {
  if (!isA(previous, t.Comma) || !isA(token, t.RightBrace, t.RightBracket, t.RightParen)) return undefined
  return unexpected('nothing follows the last comma', 'remove it', previous)
}

const LISTS: ReadonlySet<string> = new Set([
  ...['fixtureEntries', 'recordLiteral', 'arguments', 'values', 'parameters', 'setLiteral', 'fixtureRoles'],
  'fixtureParents',
])

function missingComma({ token, rule, previous }: ErrorSite): Slip | undefined {
  if (!LISTS.has(rule) || !isOperandEnd(previous) || !isOperandStart(token)) return undefined
  if (isA(previous, t.Comma) || token === undefined) return undefined
  const near = nearKeyword(token, ['in', 'is', 'has', 'like', 'matches'])
  return unexpected(`unexpected \`${shorten(token)}\``, near ?? 'put a comma in front of it')
}

function storedInRecord({ token, previous, rule }: ErrorSite): Slip | undefined {
  if (rule !== 'attribute' || !isA(previous, t.StoredKeyword) || !isOf(token, t.Word)) return undefined
  return unexpected('only attributes of entity types can be `stored`', 'remove it', previous)
}

/** The first two tokens decide what a member is: without its colon it is none. */
function attributeWithoutColon({ token, next, rule }: ErrorSite): Slip | undefined {
  if (rule !== 'typeMember' || token === undefined || next === undefined) return undefined
  if (!isOf(token, t.Word) && !isA(token, t.Text)) return undefined
  return unexpected(
    `unexpected \`${shorten(next)}\`, expected \`:\` after \`${shorten(token)}\``,
    isA(next, t.Equals) ? 'write `:`' : `write \`${shorten(token)}: ${shorten(next)}\``,
    next,
  )
}

function actionWithoutComma({ token, previous, rule, tokens }: ErrorSite): Slip | undefined {
  if (rule !== '' || !isA(tokens[0], t.ActionsKeyword) || !isOf(previous, t.ActionWord)) return undefined
  if (token === undefined || !isOf(token, t.ActionWord)) return undefined
  return unexpected(`unexpected \`${shorten(token)}\``, 'put a comma in front of it')
}

/** A keyword was taken for the value that an operator asks for: the operator lacks one. */
function keywordAsOperand({ token, previous, tokens, index }: ErrorSite): Slip | undefined {
  const before = tokens[index - 2]
  const isClause = isA(
    previous,
    t.IfKeyword,
    t.UnlessKeyword,
    t.ObligateKeyword,
    t.AdviseKeyword,
    t.UntilKeyword,
  )
  if (!isClause || previous === undefined || token === undefined) return undefined
  const isAsked =
    isOf(before, t.Operator) || isA(before, t.IfKeyword, t.UnlessKeyword, t.Bang, t.Equals, t.Question)
  if (!isAsked || before === undefined) return undefined
  return unexpected(
    `unexpected \`${previous.image}\`, expected an expression after \`${before.image}\``,
    missingOperandHint(before),
    previous,
  )
}

/** What to do where an operator or a clause has nothing behind it. */
export function missingOperandHint(before: IToken): string {
  return isA(before, t.IfKeyword, t.UnlessKeyword, t.WhenKeyword)
    ? `write a condition after \`${before.image}\`, or remove it`
    : `write the other side of \`${before.image}\`, or remove it`
}

/** Keywords that may follow where the grammar had read something whole, or may stand in place of a closing brace. */
const FOLLOWERS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '',
    [
      'if',
      'unless',
      'obligate',
      'advise',
      'to',
      'until',
      'on',
      'extends',
      'when',
      'of',
      'in',
      'by',
      'with',
      'advice',
      'fails',
      'roles',
      'is',
      'has',
      'like',
      'matches',
    ],
  ],
  ['typeBody', ['actions', 'stored']],
  ['roleBody', ['can']],
  [
    'test',
    [
      'given',
      'subject',
      'resource',
      'context',
      'now',
      'allow',
      'deny',
      'by',
      'with',
      'advice',
      'fails',
      'roles',
    ],
  ],
  ['given', ['assign', 'on', 'until', 'in']],
  ['role', ['extends', 'when', 'of', 'if']],
  ['testItem', ['given', 'subject', 'resource', 'context', 'now', 'allow', 'deny']],
  ['grant', ['can', 'on']],
])

function misspeltKeyword({ token, previous, rule, expected }: ErrorSite): Slip | undefined {
  const keywords = [...expected.filter((label) => KEYWORDS.has(label)), ...(FOLLOWERS.get(rule) ?? [])]
  const hint = nearKeyword(token, keywords)
  if (hint !== undefined && token !== undefined) return unexpected(`unexpected \`${shorten(token)}\``, hint)
  const isAttribute = rule === 'attribute' && expected.includes(':')
  const early = isAttribute ? nearKeyword(previous, ['actions', 'stored']) : undefined
  return early === undefined ? undefined : unexpected(`unexpected \`${previous?.image}\``, early, previous)
}

function nearKeyword(token: IToken | undefined, keywords: readonly string[]): string | undefined {
  if (!isA(token, t.Identifier)) return undefined
  const near = suggestName(token?.image ?? '', keywords)
  return near === undefined ? undefined : `did you mean \`${near}\``
}

function shorten({ image }: IToken): string {
  return image.length > 40 ? `${image.slice(0, 39)}…` : image
}

const RECOGNISERS: readonly Recogniser[] = [
  dashComment,
  wordOperator,
  equalsSign,
  foreignSign,
  conditionWord,
  effectWord,
  subjectWord,
  roleShape,
  clauseAfterDuty,
  scopeOfAll,
  targetOfAll,
  anyInRule,
  scopeWithoutAny,
  targetWithoutAny,
  unquotedId,
  reservedActionName,
  roleTest,
  ruleName,
  keywordAsName,
  quantifierInside,
  bareActions,
  bracketedActions,
  lastComma,
  lastCommaOfActions,
  storedInRecord,
  conditionShape,
  keywordAsOperand,
  misspeltKeyword,
  bodyBehindAll,
  quantifierBody,
  setInParentheses,
  listInBrackets,
  computedPattern,
  hasPath,
  foreignType,
  entitySign,
  ruleOrder,
  grantInParentheses,
  testLine,
  conditionList,
  rangeOfValues,
  untypedMember,
  attributeWithoutColon,
  actionWithoutComma,
  argumentName,
  missingComma,
]
