// Slips of people who know other languages, told by the tokens around the place where the parser stopped.
import type { IToken } from 'chevrotain'
import type { ErrorSite } from './explain-error.ts'
import { foreign, isOperandEnd, isOperandStart, type Slip, unexpected } from './slip.ts'
import { endOf, isA, isOf } from './token-stream.ts'
import * as t from './tokens.ts'

/** Whether two tokens stand without a space, as parts of one sign of another language. */
function isJoined(first: IToken | undefined, second: IToken | undefined): boolean {
  return first !== undefined && second !== undefined && endOf(first) === second.startOffset
}

/** Declarations in which an expression may stand, by their first word. */
const EXPRESSIVE: ReadonlySet<string> = new Set([
  'rule',
  'role',
  'inherited',
  'fn',
  'let',
  'invariant',
  'assign',
  'can',
  'now',
])

function isExpressive({ tokens }: ErrorSite): boolean {
  return EXPRESSIVE.has(tokens[0]?.image ?? '')
}

/** `=` for `==`, and the signs that start with it: `:=`, `=>`. */
export function equalsSign(site: ErrorSite): Slip | undefined {
  const { token, previous, next, tokens } = site
  if (isA(token, t.Greater) && isA(previous, t.Equals) && isJoined(previous, token)) {
    return isA(tokens[0], t.FnKeyword)
      ? foreign('`=>` is no sign of the language', 'write `=` before the body of a `fn`', previous)
      : noFunction(previous)
  }
  if (isA(token, t.Colon) && isA(next, t.Equals) && isJoined(token, next))
    return foreign('`:=` is no sign of the language', 'write `=`')
  if (!isA(token, t.Equals) || !isOperandEnd(previous) || !isExpressive(site)) return undefined
  if (isA(next, t.Greater) && isJoined(token, next)) return noFunction(token)
  return foreign('`=` compares nothing', 'write `==`')
}

function noFunction(at: IToken | undefined): Slip {
  return foreign(
    'a function is no value of the language',
    'to ask for the members of a set write `some x in SET: …` or `every x in SET: …`',
    at,
  )
}

/** `<>`, `|`. */
export function foreignSign(site: ErrorSite): Slip | undefined {
  const { token, previous } = site
  if (isA(token, t.Greater) && isA(previous, t.Less) && isJoined(previous, token))
    return foreign('`<>` is no operator of the language', 'write `!=`', previous)
  if (isA(token, t.Plus) && isA(previous, t.Plus) && isJoined(previous, token))
    return foreign(
      '`++` is no operator of the language',
      'nothing is changed by a policy: write `a + 1`',
      previous,
    )
  if (isA(token, t.Bar) && isOperandEnd(previous) && isExpressive(site))
    return foreign('`|` is no operator of the language', 'write `||`')
  return undefined
}

/** `allow [read, write]`, `to [editor]`. */
export function listInBrackets({ token, rule }: ErrorSite): Slip | undefined {
  if (!isA(token, t.LeftBracket) || !PLAIN_LISTS.has(rule)) return undefined
  return foreign('this list stands without brackets', 'write the names with commas between them: `a, b`')
}

const PLAIN_LISTS: ReadonlySet<string> = new Set([
  'actionList',
  'typeList',
  'whoList',
  'who',
  'names',
  'actionNames',
])

/** `-- a comment`. */
export function dashComment({ tokens, index }: ErrorSite): Slip | undefined {
  for (let at = Math.min(index + 1, tokens.length - 1); at > 0; at--) {
    const [first, second, after] = [tokens[at - 1], tokens[at], tokens[at + 1]]
    if (!isA(first, t.Minus) || !isA(second, t.Minus) || !isJoined(first, second)) continue
    if (isJoined(second, after)) continue
    return foreign('comments start with `//`', 'write `//` for `--`', first)
  }
  return undefined
}

const WORD_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
])

export function wordOperator(site: ErrorSite): Slip | undefined {
  const { token, previous, next, tokens, index } = site
  const word = token?.image.toLowerCase()
  if (word === 'not' && isA(next, t.InKeyword))
    return foreign('`not in` is no operator of the language', 'write `!(a in b)`')
  if (previous?.image.toLowerCase() === 'not' && isA(tokens[index - 2], t.IsKeyword))
    return foreign(
      '`is not` is no operator of the language',
      'write `a has b` for what may be absent, `!(a is T)` for a type',
      tokens[index - 2],
    )
  if (word === 'between' && isOperandEnd(previous))
    return foreign('`between` is no operator of the language', 'write `a >= low && a <= high`')
  for (const each of [token, previous]) {
    const meant = WORD_OPERATORS.get(each?.image.toLowerCase() ?? '')
    if (each === undefined || meant === undefined || !isA(each, t.Identifier)) continue
    // As a name it is right: only where it stands beside another word it is none.
    if (each === previous && !isOperandStart(token)) continue
    return foreign(`\`${each.image}\` is no operator of the language`, `write \`${meant}\``, each)
  }
  return undefined
}

/** `if { … }`, `if … then … else …`. */
export function conditionShape({ token, previous, tokens, index, stack }: ErrorSite): Slip | undefined {
  if (isA(previous, t.IfKeyword) && isA(tokens[index - 2], t.IfKeyword))
    return foreign('there is no `if` within a condition', 'write `condition ? a : b`', previous)
  if (token?.image === 'then')
    return foreign('`then` is no word of the language', 'write `condition ? a : b`')
  if (!stack.includes('recordLiteral')) return undefined
  const open = tokens.findLastIndex((each, at) => at < index && isA(each, t.LeftBrace))
  if (!isA(tokens[open - 1], t.IfKeyword, t.UnlessKeyword, t.WhenKeyword)) return undefined
  return foreign('a condition stands without braces', 'take the braces away', tokens[open])
}

/** `rule r: allow read on Doc { … }`, `role r of T if … { … }`. */
export function bodyBehindAll({ token, tokens, rule, index }: ErrorSite): Slip | undefined {
  if (rule !== '' || !isA(token, t.LeftBrace)) return undefined
  if (isA(tokens[0], t.RuleKeyword, t.InvariantKeyword))
    return unexpected('a rule has no body', 'write conditions after `if`, without braces')
  if (!isA(tokens[0], t.RoleKeyword, t.InheritedKeyword)) return undefined
  const name = tokens[isA(tokens[0], t.InheritedKeyword) ? 2 : 1]?.image
  const hasCondition = tokens.slice(0, index).some((each) => isA(each, t.IfKeyword))
  return hasCondition
    ? unexpected(
        'grants belong to the header of a role, not to its conditions',
        `write \`role ${name} { can … }\` once, and the conditions without a body`,
      )
    : undefined
}

/** `some x in s` without a body, or with one in braces. */
export function quantifierBody({ token, rule, tokens, index }: ErrorSite): Slip | undefined {
  if (rule !== 'quantifier' || isA(token, t.Dot)) return undefined
  const start = tokens.findLastIndex((each, at) => at < index && isA(each, t.SomeKeyword, t.EveryKeyword))
  const [word, variable, isIn] = tokens.slice(start, start + 3)
  if (word === undefined || variable === undefined || !isA(isIn, t.InKeyword)) return undefined
  const form = `\`${word.image} ${variable.image} in SET: …\``
  if (isA(token, t.LeftBrace))
    return foreign(`what holds for \`${variable.image}\` follows after \`:\``, `write ${form}`)
  return unexpected(
    `\`${word.image}\` does not say what holds for \`${variable.image}\``,
    `write ${form}; to ask whether something is a member, \`VALUE in SET\``,
  )
}

/** `x in ("a", "b")`, `x in {"a", "b"}`. */
export function setInParentheses({ token, previous, rule, tokens, index }: ErrorSite): Slip | undefined {
  const isBraced =
    rule === 'argument' && isA(token, t.Comma, t.RightBrace) && isA(tokens[index - 2], t.LeftBrace)
  if (isBraced && previous !== undefined)
    return foreign('a set stands in brackets', 'write `[a, b]`', tokens[index - 2])
  if (rule !== 'parenthesised' || !isA(token, t.Comma)) return undefined
  const open = tokens.findLastIndex((each, at) => at < index && isA(each, t.LeftParen))
  return foreign('a set stands in brackets', 'write `[a, b]`', tokens[open])
}

/** `x like y`, where y is no literal. */
export function computedPattern({ rule, previous }: ErrorSite): Slip | undefined {
  if (rule !== 'pattern') return undefined
  return unexpected(
    `a pattern after \`${previous?.image}\` is written out as a string, so that it is checked before it is used`,
    'to compare with other text write `.startsWith(…)`, `.endsWith(…)`, `.contains(…)` or `==`',
  )
}

/** `x has a.b`. */
export function hasPath({ token, previous, tokens, index, rule }: ErrorSite): Slip | undefined {
  if (rule !== '' || !isA(token, t.Dot) || !isA(tokens[index - 2], t.HasKeyword)) return undefined
  let start = index - 3
  while (start > 0 && isA(tokens[start - 1], t.Dot)) start -= 2
  const object = tokens
    .slice(start, index - 2)
    .map((each) => each.image)
    .join('')
  const first = previous?.image
  const second = tokens[index + 1]?.image ?? '…'
  return unexpected(
    '`has` asks for one name',
    `write \`${object} has ${first} && ${object}.${first} has ${second}\``,
  )
}

/** `hasRole(subject, r)`, `hasRole()`. */
export function roleTest({ token, rule, stack }: ErrorSite): Slip | undefined {
  const isName = (rule === 'name' || rule === 'names') && stack.at(-2) === 'hasRole'
  if (!isName && rule !== 'hasRole') return undefined
  if (isName && isA(token, t.SubjectKeyword))
    return unexpected('`hasRole` is always asked of the subject', 'name the role alone: `hasRole(ROLE)`')
  return unexpected(
    '`hasRole` takes a role, and perhaps an entity',
    'write `hasRole(ROLE)` for the resource, `hasRole(ROLE, ENTITY)` for something else',
  )
}

// --- types ---

/** `String[]`, `String?`, `Map<String, String>`, `let X: T`. */
export function foreignType({ token, previous, next, rule, tokens, stack }: ErrorSite): Slip | undefined {
  const name = previous?.image ?? 'T'
  const isTyped =
    stack.includes('typeBody') || isA(tokens[0], t.TypeKeyword, t.ContextKeyword) || isOf(tokens[0], t.Word)
  if (isA(token, t.LeftBracket) && isA(next, t.RightBracket) && isOf(previous, t.Word) && isTyped)
    return foreign('`[]` makes no type', `write \`Set<${name}>\``)
  if (isA(token, t.Question) && isOf(previous, t.Word) && isTyped && !isExpressiveWord(tokens[0]))
    return foreign('`?` stands behind the name, not behind the type', `write \`name?: ${name}\``)
  if (rule === 'namedType' && isA(token, t.Comma))
    return foreign('a Map has Strings as keys', 'write `Map<T>`, with the type of its values alone')
  if (isA(tokens[0], t.LetKeyword) && isA(token, t.Colon))
    return foreign('a `let` has the type of its value', 'write `let NAME = …`')
  return undefined
}

function isExpressiveWord(token: IToken | undefined): boolean {
  return EXPRESSIVE.has(token?.image ?? '')
}
