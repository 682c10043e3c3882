import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PolicyCase, type PolicyQuestion, policyCases } from './arbitraries/policy-case.ts'
import { askEngine, judgeRules, type LoadedCase, loadCase, toFullDecision } from './compare.ts'
import type { FullDecision } from './naive/decide.ts'
import { or } from './naive/values.ts'
import {
  copyGrants,
  copyRule,
  originalName,
  type RuleEffect,
  type RuleText,
  silence,
  splitPolicy,
  withDuty,
  withoutGrants,
  writeRule,
} from './rule-texts.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(8)
const timeout = options.numRuns * 6_000

function ask(loaded: LoadedCase, question: PolicyQuestion): FullDecision {
  return toFullDecision(askEngine(loaded, question, { detail: 'full' }))
}

/** The same data and questions under other rules. */
function loadWith(
  policyCase: PolicyCase,
  others: readonly string[],
  rules: readonly RuleText[],
  more: readonly string[] = [],
): LoadedCase {
  return loadCase({ ...policyCase, declarations: [...others, ...rules.map(writeRule), ...more] })
}

const ruleNames = ({ reasons }: FullDecision): readonly string[] =>
  reasons.flatMap((reason) => ('rule' in reason ? [reason.rule] : []))

describe('a copy of a rule under another name', { timeout }, () => {
  /** Names of copies are those of what they were made of. */
  const withoutCopies = (decision: FullDecision): unknown => ({
    ...decision,
    reasons: new Set(
      decision.reasons.map((reason) => ('rule' in reason ? originalName(reason.rule) : reason)),
    ),
    errors: new Set(decision.errors.map(({ rule, kind }) => `${kind} of ${originalName(rule)}`)),
  })

  it('changes nothing but the names among the reasons', () => {
    fc.assert(
      fc.property(policyCases, fc.nat(), (policyCase, index) => {
        const { rules, others } = splitPolicy(policyCase)
        const one = rules.slice(index % rules.length).slice(0, 1)
        const original = loadCase(policyCase)
        const variants = [
          loadWith(policyCase, others, [...rules, ...one.map(copyRule)]),
          loadWith(policyCase, others.map(copyGrants), [...rules, ...rules.map(copyRule)]),
        ]
        for (const question of policyCase.questions) {
          const expected = withoutCopies(ask(original, question))
          for (const variant of variants) expect(withoutCopies(ask(variant, question))).toEqual(expected)
        }
      }),
      options,
    )
  })
})

describe('another rule', { timeout }, () => {
  const EFFECTS = ['allow', 'deny', 'after allow', 'after deny'] as const

  /** Without conditions: copies of allows alone would turn few decisions. */
  const OPEN = { name: 'copy of none', rest: '* on *' }

  /** What may become of a decision, and what it comes to where it may. */
  function checkChange(effect: RuleEffect, before: FullDecision, after: FullDecision): void {
    const added = ruleNames(after).filter((name) => name.startsWith('copy of '))
    if (before.decision === after.decision) {
      if (before.decision === 'allow' || effect === 'deny') return
      // An allow that comes may be refused by an `after allow` that was there, whose obligation fails.
      const isRefused = effect === 'allow' && ruleNames(before).length === 0
      const isByBrokenDuty = effect === 'after allow' && added.length > 0
      if (!isRefused && !isByBrokenDuty) expect(after.reasons).toEqual(before.reasons)
      return
    }
    // It is by the rules that came that a decision turns, and by these alone.
    expect(added.length).toBe(after.reasons.length)
    if (effect === 'allow')
      expect([before.decision, before.reasons]).toEqual(['deny', [{ builtin: 'default' }]])
    else expect([effect, before.decision]).toEqual([expect.stringMatching(/^(deny|after allow)$/), 'allow'])
  }

  it('that denies never allows, one that allows never denies, one that comes after never allows', () => {
    const turned = new Map<RuleEffect, number>()
    fc.assert(
      fc.property(policyCases, (policyCase) => {
        const { rules, others } = splitPolicy(policyCase)
        const original = loadCase(policyCase)
        const before = policyCase.questions.map((question) => ask(original, question))
        for (const effect of EFFECTS) {
          const copies = rules.map((rule) => ({ ...copyRule(rule), effect }))
          const more = effect === 'allow' ? [{ ...OPEN, effect }] : []
          const added = effect.startsWith('after') ? copies.map(withDuty) : [...copies, ...more]
          const variant = loadWith(policyCase, others, [...rules, ...added])
          for (const [index, question] of policyCase.questions.entries()) {
            const [first, second] = [before[index], ask(variant, question)]
            if (first === undefined) continue
            checkChange(effect, first, second)
            if (first.decision !== second.decision) turned.set(effect, (turned.get(effect) ?? 0) + 1)
          }
        }
      }),
      options,
    )
    const counts = EFFECTS.map((effect) => `${effect} ${turned.get(effect) ?? 0}`)
    process.stdout.write(`decisions turned by another rule: ${counts.join(', ')}\n`)
    expect([...turned.keys()]).toEqual(expect.arrayContaining(['allow', 'deny']))
  })
})

describe('a rule that fails', { timeout }, () => {
  /** The names of rules whose conjunction fails for the question. */
  const failing = (
    loaded: LoadedCase,
    policyCase: PolicyCase,
    question: PolicyQuestion,
  ): ReadonlySet<string> =>
    new Set(
      judgeRules(loaded, policyCase, question)
        .filter(({ runs }) => or(runs.map(({ conjunction }) => conjunction)).kind === 'failed')
        .map(({ rule }) => rule),
    )

  it('denies where it is a deny, and does not allow where it is an allow', () => {
    let found = 0
    fc.assert(
      fc.property(policyCases, (policyCase) => {
        const { rules, others } = splitPolicy(policyCase)
        const loaded = loadCase(policyCase)
        const failed = policyCase.questions.map((question) => failing(loaded, policyCase, question))
        const rule = rules.find(({ name }) => failed.some((names) => names.has(name)))
        if (rule === undefined) return
        const silenced = rules.filter((other) => other !== rule).map(silence)
        const alone = others.map(withoutGrants)
        const open = ['rule open: allow * on *']
        const denying = loadWith(policyCase, alone, [...silenced, { ...rule, effect: 'deny' }], open)
        const allowing = loadWith(policyCase, alone, [...silenced, { ...rule, effect: 'allow' }])
        for (const [index, question] of policyCase.questions.entries()) {
          if (failed[index]?.has(rule.name) !== true) continue
          found += 1
          const error = { rule: rule.name, kind: 'condition' }
          const denied = ask(denying, question)
          expect([denied.decision, denied.reasons]).toEqual(['deny', [{ rule: rule.name }]])
          expect(denied.errors).toContainEqual(error)
          const notAllowed = ask(allowing, question)
          expect([notAllowed.decision, notAllowed.reasons]).toEqual(['deny', [{ builtin: 'default' }]])
          expect(notAllowed.errors).toContainEqual(error)
        }
      }),
      options,
    )
    process.stdout.write(`rules that failed, once as a deny and once as an allow: ${found}\n`)
    expect(found).toBeGreaterThan(0)
  })
})
