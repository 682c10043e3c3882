// Parts of a declaration that stand in another order or form than the language has them.
import type { ErrorSite } from './explain-error.ts'
import { isOperandEnd, type Slip, unexpected } from './slip.ts'
import { isA, isOf } from './token-stream.ts'
import * as t from './tokens.ts'

const RULE_ORDER = 'a rule reads `allow ACTIONS on TYPES to WHO if CONDITION`'

/** `allow read Doc`, `allow read to User on Doc`, `… if c to User`, `rule r: read on Doc`. */
export function ruleOrder({ token, rule, expected, tokens }: ErrorSite): Slip | undefined {
  const isRule = isA(tokens[0], t.RuleKeyword)
  if (rule === 'effect' && isA(token, t.Text))
    return unexpected('an effect stands without quotes', 'write `allow` or `deny`')
  if (rule === 'effect' && token !== undefined && isOf(token, t.ActionWord) && !isA(token, t.AfterKeyword)) {
    return unexpected(
      `a rule says \`allow\` or \`deny\` before its actions`,
      `write \`allow ${token.image}\``,
    )
  }
  if (expected.includes('on') && token !== undefined && (isRule || isA(tokens[0], t.CanKeyword)))
    return unexpected(`unexpected \`${token.image}\`, expected \`on\``, RULE_ORDER)
  if (rule === '' && isRule && isA(token, t.ToKeyword))
    return unexpected('`to` stands before the conditions', RULE_ORDER)
  return undefined
}

/** `rule allow read`, `rule own-docs: …`. */
export function ruleName({ token, previous, next, rule, tokens, index }: ErrorSite): Slip | undefined {
  if (rule === 'name' && isA(previous, t.RuleKeyword) && isA(token, t.AllowKeyword, t.DenyKeyword))
    return unexpected('a rule has a name', `write \`rule NAME: ${token?.image} …\``)
  if (isA(token, t.Minus) && index <= 2 && isOf(previous, t.Word) && next !== undefined) {
    const end = tokens.findIndex((each) => isA(each, t.Colon, t.LeftBrace, t.LeftParen))
    const words = tokens.slice(index - 1, end < 0 ? index + 2 : Math.min(end, index + 6))
    const name = words.map((each) => each.image).join('')
    return unexpected('a name holds letters, digits and `_`', `write it in quotes: \`"${name}"\``)
  }
  return undefined
}

/** Conditions and grants of roles. */
export function roleShape({ token, tokens, rule }: ErrorSite): Slip | undefined {
  const isRole = isA(tokens[0], t.RoleKeyword, t.InheritedKeyword)
  const isGrant = rule === 'grant' || (rule === '' && isA(tokens[0], t.CanKeyword))
  if (isGrant) return grantWord(token?.image, 'ROLE')
  if (!isRole || (rule !== 'role' && rule !== '' && rule !== 'roleBody')) return undefined
  const name = tokens[isA(tokens[0], t.InheritedKeyword) ? 2 : 1]?.image ?? 'NAME'
  const hasCondition = tokens.some((one) => isA(one, t.IfKeyword) && one !== token)
  if (rule !== 'roleBody') {
    if (isA(token, t.IfKeyword, t.UnlessKeyword) && hasCondition && rule === '')
      return unexpected(
        'a condition of a role has one `if`',
        `join both with \`&&\`; what gives the role on its own is another \`role ${name} … if …\``,
      )
    if (isA(token, t.UnlessKeyword)) return unexpected('a role has no `unless`', 'write `if !(…)`')
    const isOfTypes = tokens.slice(0, 4).some((one) => isA(one, t.OfKeyword))
    if (isOfTypes && isA(token, t.WhenKeyword))
      return unexpected('`when` belongs to the header of a role', 'write `if`')
    if (isA(token, t.Colon, t.CanKeyword))
      return unexpected('the grants of a role stand in braces', `write \`role ${name} { can … on … }\``)
  }
  return grantWord(token?.image, name)
}

function grantWord(word: string | undefined, role: string): Slip | undefined {
  if (word === 'allow' || word === 'permit')
    return unexpected(`unexpected \`${word}\`, expected \`can\``, 'a grant is written `can ACTIONS on TYPES`')
  if (word === 'cannot' || word === 'deny' || word === 'forbid')
    return unexpected('a role only gives', `take away with a rule: \`rule NAME: deny … on … to ${role}\``)
  return undefined
}

/** `can("read", "Doc")`. */
export function grantInParentheses({ token, previous }: ErrorSite): Slip | undefined {
  if (!isA(token, t.LeftParen) || !isA(previous, t.CanKeyword)) return undefined
  return unexpected('a grant stands without parentheses', 'write `can ACTIONS on TYPES`')
}

/** `User:"root"`, `User."root"`. */
export function entitySign({ token, previous, next }: ErrorSite): Slip | undefined {
  if (!isA(token, t.Colon, t.Dot) || !isA(next, t.Text) || !isOf(previous, t.Word)) return undefined
  return unexpected(
    `an entity has \`::\` between its type and its id`,
    `write \`${previous?.image}::${next?.image}\``,
  )
}

/** `assign reader(3)`, `obligate log("x")`. */
export function argumentName({ token, rule, expected }: ErrorSite): Slip | undefined {
  if (rule !== 'arguments' && rule !== 'argument') return undefined
  if (token === undefined || !isOperandEnd(token) || isA(token, t.RightParen, t.RightBrace, t.RightBracket))
    return undefined
  if (expected.includes(':') || isA(token, t.Comma)) return undefined
  return unexpected('arguments have names here', `write \`NAME: ${token.image}\``)
}

/** Lines of a test. */
export function testLine({ token, rule, tokens }: ErrorSite): Slip | undefined {
  const isLine = rule === 'test' || rule === 'testItem' || (rule === '' && !isA(tokens[0], t.RuleKeyword))
  if (!isLine || token === undefined) return undefined
  if (/^(?:expect|assert|should)$/.test(token.image))
    return unexpected('an expectation starts with `allow` or `deny`', 'remove the word')
  if (/^(?:user|principal)$/.test(token.image) && rule !== '')
    return unexpected('who asks is the `subject`', 'write `subject`')
  return undefined
}

/** `actions read, write,`. */
export function lastCommaOfActions({ token, previous, tokens }: ErrorSite): Slip | undefined {
  if (token !== undefined || !isA(previous, t.Comma) || !isA(tokens[0], t.ActionsKeyword)) return undefined
  return unexpected('nothing follows the last comma', 'remove it', previous)
}
