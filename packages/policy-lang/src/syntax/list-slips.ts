// Lists: of actions, of conditions, of the values in a range.
import type { IToken } from 'chevrotain'
import { isActionWord, isValueWord } from '../ast/keywords.ts'
import { reservedAction } from './build-expression.ts'
import { readDuration } from './duration-literal.ts'
import type { ErrorSite } from './explain-error.ts'
import { type Slip, unexpected } from './slip.ts'
import { endOf, isA, isOf, isOpening } from './token-stream.ts'
import * as t from './tokens.ts'

// --- actions of a type ---

/** `resource Doc { read, write }`. */
export function bareActions({ token, next, rule, tokens, index }: ErrorSite): Slip | undefined {
  // What stands first in quotes is read as an attribute.
  const isQuoted = rule === 'attribute' && index === 1 && isA(tokens[0], t.Text)
  const [word, comma] = isQuoted ? [tokens[0], token] : [token, next]
  if (!(isQuoted || rule === 'typeMember') || !isWord(word) || !isA(comma, t.Comma)) return undefined
  const names = readNames(tokens, isQuoted ? 0 : index)
  return unexpected(`\`${word.image}\` alone is no member of a type`, memberHint(names, word), word)
}

/** `resource Doc { read }`. */
export function untypedMember({ token, next, rule }: ErrorSite): Slip | undefined {
  if (rule !== 'typeMember' || next !== undefined || !isWord(token)) return undefined
  if (isA(token, t.ActionsKeyword, t.StoredKeyword)) return undefined
  return unexpected(`\`${token.image}\` alone is no member of a type`, memberHint([token.image], token))
}

function memberHint(names: readonly string[], { image }: IToken): string {
  return `for actions of a resource write \`actions ${names.join(', ')}\`, for an attribute \`${image}: String\``
}

/** `actions [read, write]`, `actions: read, write`. */
export function bracketedActions({ tokens }: ErrorSite): Slip | undefined {
  const [word, sign, after] = tokens
  if (!isA(word, t.ActionsKeyword) || !isA(sign, t.Colon, t.Equals, t.LeftParen, t.LeftBracket, t.LeftBrace))
    return undefined
  // With other signs it is a mistake in an attribute of that name.
  const isList = tokens.slice(2).every((each) => isWord(each) || isA(each, t.Comma, ...BRACKETS))
  const names = readNames(tokens, isOpening(after) ? 3 : 2)
  if (!isList || names.length === 0) return undefined
  return unexpected(
    'actions stand behind the word `actions`, with commas between them',
    `write \`actions ${names.join(', ')}\``,
    sign,
  )
}

const BRACKETS = [t.LeftParen, t.LeftBracket, t.LeftBrace, t.RightParen, t.RightBracket, t.RightBrace]

/** Names with commas between them, or without, from an index on: in quotes where they cannot stand without. */
function readNames(
  tokens: readonly IToken[],
  start: number,
  isPlain: (word: string) => boolean = isActionWord,
): readonly string[] {
  const names: string[] = []
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index]
    if (isA(token, t.Comma)) continue
    if (!isWord(token)) break
    names.push(isA(token, t.Text) || isPlain(token.image) ? token.image : JSON.stringify(token.image))
  }
  return names
}

function isWord(token: IToken | undefined): token is IToken {
  return token !== undefined && (isOf(token, t.Word) || isA(token, t.Text))
}

// --- actions in an expression ---

const STARTS = [t.SomeKeyword, t.EveryKeyword, t.IpKeyword, t.DatetimeKeyword, t.HasRoleKeyword]

/** `action == ip`, `action in [some, read]`: words that start more than a name. */
export function reservedActionName({ token, previous, tokens, index }: ErrorSite): Slip | undefined {
  const isStart = isA(token, t.SomeKeyword, t.EveryKeyword)
  const word = isStart ? token : previous
  if (word === undefined || !isA(word, ...STARTS)) return undefined
  let first = isStart ? index : index - 1
  while (isA(tokens[first - 1], t.Comma) && isWord(tokens[first - 2])) first -= 2
  const isList = isA(tokens[first - 1], t.LeftBracket)
  const sign = first - (isList ? 2 : 1)
  const operator = tokens[sign]?.image ?? ''
  if (!(isList ? ['in'] : ['==', '!=', 'in']).includes(operator)) return undefined
  if (!isA(tokens[sign - 1], t.ActionKeyword) || isA(tokens[sign - 2], t.Dot)) return undefined
  const names = readNames(tokens.slice(0, isList ? tokens.length : first + 1), first, isValueWord)
  return { ...reservedAction(word.image, operator, names, isList), at: word }
}

// --- conditions ---

/** `if a, b`. */
export function conditionList({ token, rule, tokens, index }: ErrorSite): Slip | undefined {
  if (rule !== '' || !isA(token, t.Comma)) return undefined
  const start = tokens.findLastIndex((each, at) => at < index && isA(each, ...CLAUSE_WORDS))
  if (!isA(tokens[start], t.IfKeyword, t.UnlessKeyword, t.WhenKeyword)) return undefined
  const isLoose = tokens.slice(start + 1, index).some(({ image }) => LOOSE.has(image))
  return unexpected(
    'a condition is one expression',
    isLoose
      ? 'for both write `(…) && (…)`, for either `(…) || (…)`'
      : 'for both write `&&` for the comma, for either `||`',
  )
}

const CLAUSE_WORDS = [t.IfKeyword, t.UnlessKeyword, t.WhenKeyword, t.ObligateKeyword, t.AdviseKeyword]
/** What binds no tighter than the `&&` that the comma becomes. */
const LOOSE: ReadonlySet<string> = new Set(['||', '&&', '??', '?', 'some', 'every'])

/** `9h..17h`, `x in 1..5`. */
export function rangeOfValues({ token, previous, tokens, index }: ErrorSite): Slip | undefined {
  if (token === undefined || previous === undefined || !isA(token, t.Dot) || !isA(previous, t.Dot))
    return undefined
  if (endOf(previous) !== token.startOffset) return undefined
  const low = tokens[index - 2]
  const high = tokens.slice(index + 1).find((each) => !isA(each, t.Dot))
  if (!isQuantity(low) || !isQuantity(high) || isA(tokens[index - 3], ...ARITHMETIC)) return undefined
  const isHours = isA(low, t.DurationText) || isA(high, t.DurationText)
  // Durations have no fraction.
  if (isHours && `${low.image}${high.image}`.includes('.')) return undefined
  const read = readValue(tokens, index - 2)
  const value = read ?? (isHours ? 'context.now.time("UTC")' : 'VALUE')
  const [from, to] = isHours ? [toDuration(low, high), toDuration(high, low)] : [low.image, high.image]
  const [above, below] = [`${value} >= ${from}`, `${value} ${isHours ? '<' : '<='} ${to}`]
  const isOvernight = isHours && readDuration(from) > readDuration(to)
  const form = `write \`${isOvernight ? `(${above} || ${below})` : `${above} && ${below}`}\``
  return unexpected(
    'there are no ranges of values',
    isHours && read === undefined ? `${form}, with the time zone that is meant` : form,
    previous,
  )
}

const ARITHMETIC = [t.Plus, t.Minus, t.Star]

function isQuantity(token: IToken | undefined): token is IToken {
  return isA(token, t.NumberText, t.DurationText)
}

/** `9..17h`: both ends are of the unit that one of them names. */
function toDuration({ image }: IToken, other: IToken): string {
  return /[a-z]/.test(image) ? image : `${image}${/[a-z]/.exec(other.image)}`
}

/** What stands before `in`, where it is a path of names, perhaps with a call at its end. */
function readValue(tokens: readonly IToken[], low: number): string | undefined {
  const sign = isOpening(tokens[low - 1]) ? low - 2 : low - 1
  if (!isA(tokens[sign], t.InKeyword)) return undefined
  const isCall = isA(tokens[sign - 1], t.RightParen) && isA(tokens[sign - 3], t.LeftParen)
  let start = sign - (isCall ? 4 : 1)
  while (isA(tokens[start - 1], t.Dot, t.QuestionDot) && isWord(tokens[start - 2])) start -= 2
  if (!isWord(tokens[start])) return undefined
  return tokens
    .slice(start, sign)
    .map(({ image }) => image)
    .join('')
}
