// Which decisions stand in the log: ignore rules leave out whole kinds, sampling a share of each effect.
import type { DecisionRecord } from '../decide/decision-record.ts'
import type { SearchRecord } from '../decide/search-record.ts'

/** A decision that has all of these is left out. */
export type IgnoreRule = ReadonlyMap<IgnoreKey, string>

export const IGNORE_KEYS = ['decision', 'action', 'resource', 'subject', 'rule', 'caller'] as const
export type IgnoreKey = (typeof IGNORE_KEYS)[number]

const TERM = /\s*([^\s=]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)(?=\s|$)/gy

/** `decision=allow action=read resource=Doc`; a value with blanks is written as JSON. Undefined where it is no rule. */
export function parseIgnoreRule(text: string): IgnoreRule | undefined {
  const rule = new Map<IgnoreKey, string>()
  let end = 0
  for (const [term, name, value = ''] of text.matchAll(TERM)) {
    end += term.length
    const key = IGNORE_KEYS.find((known) => known === name)
    const parsed = value.startsWith('"') ? parseText(value) : value
    if (key === undefined || rule.has(key) || parsed === undefined) return undefined
    if (key === 'decision' && parsed !== 'allow' && parsed !== 'deny') return undefined
    rule.set(key, parsed)
  }
  return rule.size > 0 && text.slice(end).trim() === '' ? rule : undefined
}

function parseText(json: string): string | undefined {
  try {
    return JSON.parse(json) as string
  } catch {
    return undefined
  }
}

export function isIgnored(record: DecisionRecord, rules: readonly IgnoreRule[]): boolean {
  return rules.some((rule) => {
    for (const [key, value] of rule) if (!hasValue(record, key, value)) return false
    return true
  })
}

function hasValue({ request, answer, origin }: DecisionRecord, key: IgnoreKey, value: string): boolean {
  switch (key) {
    case 'decision':
      return answer.decision === value
    case 'action':
      return request.action.name === value
    case 'resource':
      return request.resource.type === value
    case 'subject':
      return request.subject.type === value
    case 'caller':
      return origin.caller === value
    case 'rule':
      return answer.reasons.some((reason) => 'rule' in reason && reason.rule === value)
  }
}

/** A search has no decision and no rule: what names one does not leave it out. */
export function isSearchIgnored({ question, origin }: SearchRecord, rules: readonly IgnoreRule[]): boolean {
  const { request } = question
  const values: Readonly<Record<IgnoreKey, string | undefined>> = {
    decision: undefined,
    rule: undefined,
    action: 'action' in request ? request.action.name : undefined,
    resource: request.resource.type,
    subject: request.subject.type,
    caller: origin.caller,
  }
  return rules.some((rule) => [...rule].every(([key, value]) => values[key] === value))
}

/** The share of each effect that is logged, 0 to 1. */
export interface SampleRates {
  readonly allow: number
  readonly deny: number
}

/** Whether a decision is drawn. `random`: from 0 to below 1. */
export function isDrawn({ answer }: DecisionRecord, rates: SampleRates, random: () => number): boolean {
  const rate = rates[answer.decision]
  return rate >= 1 || (rate > 0 && random() < rate)
}
