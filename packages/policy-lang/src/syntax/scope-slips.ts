// `any`, `all`, `*`: who and what is meant by everybody and everything.
import type { ErrorSite } from './explain-error.ts'
import { type Slip, unexpected } from './slip.ts'
import { isA, isName } from './token-stream.ts'
import * as t from './tokens.ts'

const EVERYTHING: ReadonlySet<string> = new Set(['*', 'all', 'everything', 'anything', 'any'])
const EVERYBODY: ReadonlySet<string> = new Set([...EVERYTHING, 'everyone', 'everybody', 'anybody'])

/** `on *`, `on all`, `on any *` of an assignment. */
export function scopeOfAll({ token, previous, rule, stack }: ErrorSite): Slip | undefined {
  if (!stack.includes('scope') || isA(token, t.DoubleColon)) return undefined
  const isAsked = rule === 'entityRest' || (rule === 'name' && isA(previous, t.AnyKeyword) && isNone(token))
  const at = isAsked ? previous : rule === 'scope' ? token : undefined
  if (at === undefined || !EVERYTHING.has(at.image)) return undefined
  return unexpected(`\`${at.image}\` is no scope`, 'for everything leave `on` out', at)
}

/** `to *`, `to all`, `to any *` of an assignment. */
export function targetOfAll({ token, previous, rule, stack }: ErrorSite): Slip | undefined {
  if (!stack.includes('target') || isA(token, t.DoubleColon, t.OfKeyword)) return undefined
  const isAsked = rule === 'name' && isA(previous, t.AnyKeyword) && isNone(token)
  const isRead = rule === 'target' && !isA(previous, t.ToKeyword)
  const at = isAsked || isRead ? previous : rule === 'target' ? token : undefined
  if (at === undefined || !EVERYBODY.has(at.image)) return undefined
  return unexpected(`\`${at.image}\` is nobody`, 'for everybody write `anyone`', at)
}

/** Whether no name follows `any`. */
function isNone(token: ErrorSite['token']): boolean {
  return token === undefined || isA(token, t.Star, t.OnKeyword, t.UntilKeyword, t.Comma, t.RightBracket)
}

/** `on any Document`, `to any User` of a rule. */
export function anyInRule({ token, next, rule, stack }: ErrorSite): Slip | undefined {
  if ((rule === 'who' || rule === 'whoList') && isA(token, t.Star))
    return unexpected('`*` is nobody', 'for everybody write `anyone`')
  if (!isA(token, t.AnyKeyword)) return undefined
  const isType = stack.includes('typeList')
  if (!isType && !stack.includes('whoList')) return undefined
  const [word, all] = isType ? ['on', '*'] : ['to', 'anyone']
  return unexpected(
    `\`any\` stands in assignments, not after the \`${word}\` of rules and grants`,
    `write \`${word} ${next !== undefined && isName(next) ? next.image : all}\``,
  )
}

export function scopeWithoutAny({ token, previous, rule, stack }: ErrorSite): Slip | undefined {
  const isScope = stack.includes('scope') && rule === 'entityRest'
  if (!isScope || previous === undefined || isA(token, t.DoubleColon)) return undefined
  return unexpected(
    `\`${previous.image}\` alone is no scope`,
    `write \`any ${previous.image}\` for all of them, or \`${previous.image}::"…"\` for one`,
    previous,
  )
}

export function targetWithoutAny({ previous, stack }: ErrorSite): Slip | undefined {
  if (stack.at(-1) !== 'target' || previous === undefined || isA(previous, t.ToKeyword)) return undefined
  const name = previous.image
  return unexpected(
    `\`${name}\` alone is nobody`,
    `write \`any ${name}\` for all of a type, \`${name}::"…"\` for one, \`${name} of …\` for the holders of a role`,
    previous,
  )
}
