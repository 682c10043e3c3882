// Changes to the rules of a generated policy set: other names, other effects, no grants beside them.
import type { PolicyCase } from './arbitraries/policy-case.ts'

export type RuleEffect = 'allow' | 'deny' | 'after allow' | 'after deny'

/** A rule without its name and effect. */
export interface RuleText {
  readonly name: string
  readonly effect: RuleEffect
  /** From the actions on. */
  readonly rest: string
}

export interface SplitPolicy {
  readonly rules: readonly RuleText[]
  /** All other declarations. */
  readonly others: readonly string[]
}

const RULE = /^rule ("(?:[^"\\]|\\.)*"|\w+): ((?:after )?(?:allow|deny)) ([\s\S]*)$/

function readRule(text: string): RuleText {
  const [, name = '', effect, rest = ''] = RULE.exec(text) ?? []
  if (effect === undefined) throw new Error(`no rule: ${text}`)
  return { name: name.startsWith('"') ? JSON.parse(name) : name, effect: effect as RuleEffect, rest }
}

/** A text may declare several rules. */
export function splitPolicy({ declarations }: Pick<PolicyCase, 'declarations'>): SplitPolicy {
  const texts = declarations.flatMap((text) => (text.startsWith('rule ') ? text.split(/\n(?=rule )/) : text))
  const isRule = (text: string): boolean => text.startsWith('rule ')
  return {
    rules: texts.filter(isRule).map(readRule),
    others: texts.filter((text) => !isRule(text)),
  }
}

export const writeRule = ({ name, effect, rest }: RuleText): string =>
  `rule ${JSON.stringify(name)}: ${effect} ${rest}`

const COPY = 'copy of '

export const copyRule = (rule: RuleText): RuleText => ({ ...rule, name: `${COPY}${rule.name}` })

/** The name of a rule or of a grant without what tells copies apart. */
export const originalName = (rule: string): string =>
  rule.startsWith(COPY) ? rule.slice(COPY.length) : rule.replace(/#\d+$/, '')

export const copyGrants = (declaration: string): string =>
  declaration.startsWith('role ') || declaration.startsWith('inherited role ')
    ? declaration.replace(/^ {2}can .*$/gm, '$&\n$&')
    : declaration

export const withoutGrants = (declaration: string): string =>
  declaration.replace(/ \{\n(?: {2}can .*\n)+\}$/, '')

/** What comes after a decision must have a duty. */
export const withDuty = (rule: RuleText): RuleText => ({ ...rule, rest: `${rule.rest} advise noted()` })

/** A rule that is there and, whatever it comes to, decides nothing. */
export const silence = (rule: RuleText): RuleText => withDuty({ ...rule, effect: 'after deny' })
