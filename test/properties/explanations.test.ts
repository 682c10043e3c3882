import type { Explanation } from '@edict/policy-lang'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PolicyCase, type PolicyQuestion, policyCases } from './arbitraries/policy-case.ts'
import { explainEngine, judgeRules, type LoadedCase, loadCase } from './compare.ts'
import type { Result, Run } from './naive/decide.ts'
import { compareText } from './naive/order.ts'
import { isFalse, isTrue, or } from './naive/values.ts'
import { giveRole, repairsOf } from './repair-question.ts'
import { readRunOptions } from './run-options.ts'
import { evaluateText, isTextOfPlace } from './seen-values.ts'
import { countUnmet, nearestRuns, truthOf, truthsOf, unmetOf } from './truths.ts'

const options = readRunOptions(15)
const SHOWN_MISSES = 20

type Miss = Explanation['nearestMisses'][number]

interface Told {
  readonly explanation: Explanation
  readonly results: readonly Result[]
  readonly policyCase: PolicyCase
  readonly question: PolicyQuestion
  readonly loaded: LoadedCase
}

function checkExplanations(check: (told: Told) => void): void {
  fc.assert(
    fc.property(policyCases, (policyCase) => {
      const loaded = loadCase(policyCase)
      for (const question of policyCase.questions) {
        const explanation = explainEngine(loaded, question)
        const results = judgeRules(loaded, policyCase, question)
        check({ explanation, results, policyCase, question, loaded })
      }
    }),
    options,
  )
}

const resultOf = (rule: string, results: readonly Result[]): Result => {
  const found = results.find((result) => result.rule === rule)
  if (found === undefined) throw new Error(`no rule ${rule}`)
  return found
}

type TracedCondition = Miss['first']

const conditionsOf = (rule: string, { trace }: Explanation): readonly TracedCondition[] =>
  trace?.find((each) => each.rule === rule)?.conditions ?? []

/** Of every rule, and of every part of it alone, it tells what it comes to. */
function expectTrace({ explanation, results }: Told): void {
  const trace = explanation.trace ?? []
  expect(trace.map(({ rule }) => rule)).toEqual(results.map(({ rule }) => rule).sort(compareText))
  for (const { rule, result, conditions } of trace) {
    const judged = resultOf(rule, results)
    expect(result).toBe(truthOf(or(judged.runs.map((run) => run.conjunction))))
    expect(nearestRuns(judged).map(truthsOf)).toContainEqual(conditions.map((each) => each.result))
  }
}

/** It names as deciding exactly the rules that match. */
function expectDeciding({ explanation: { decision, reasons }, results }: Told): void {
  const named = reasons.flatMap((reason) => ('rule' in reason ? [resultOf(reason.rule, results)] : []))
  const isRefusedAfterwards = named.some(({ isAfter }) => isAfter)
  const decides = ({ effect, isAfter, runs }: Result): boolean => {
    const matches = (run: Run): boolean =>
      effect === 'allow' && !isAfter ? isTrue(run.conjunction) : !isFalse(run.conjunction)
    if (isAfter !== isRefusedAfterwards) return false
    if (isAfter) return effect === 'allow' && runs.some((run) => matches(run) && run.obligationFailed)
    if (effect === 'deny') return runs.some(matches)
    return decision === 'allow' && runs.some((run) => matches(run) && !run.obligationFailed)
  }
  const deciding = results.filter(decides).map(({ rule }) => rule)
  expect(named.map(({ rule }) => rule)).toEqual(deciding.sort(compareText))
}

/** It names as near misses exactly the allow rules that do not match, nearest first. */
function expectNearestMisses({ explanation, results }: Told): void {
  const expected = results
    .filter(({ effect, isAfter }) => effect === 'allow' && !isAfter)
    .map((result) => ({ rule: result.rule, unmet: unmetOf(result) }))
    .filter(({ unmet }) => unmet > 0)
    .sort((a, b) => a.unmet - b.unmet || compareText(a.rule, b.rule))
  const { decision, nearestMisses } = explanation
  expect(nearestMisses.map(({ rule, unmet }) => ({ rule, unmet }))).toEqual(
    decision === 'allow' ? [] : expected.slice(0, SHOWN_MISSES),
  )
  for (const { rule, unmet, first } of nearestMisses) {
    const conditions = conditionsOf(rule, explanation)
    const { values: _, ...said } = first
    expect(conditions.find(({ result }) => result !== 'true')).toMatchObject(said)
    expect(countUnmet(conditions.map(({ result }) => result))).toBe(unmet)
  }
}

/** It shows the values that conditions saw; answers how many could be looked at again. */
function expectSeenValues({ explanation, results }: Told): number {
  let shown = 0
  const missed = explanation.nearestMisses.map(({ rule, first }) => ({ rule, conditions: [first] }))
  for (const { rule, conditions } of [...missed, ...(explanation.trace ?? [])]) {
    const [run, ...others] = nearestRuns(resultOf(rule, results))
    // Of which of several assignments it tells is open.
    if (run === undefined || others.length > 0) continue
    for (const { expression, ...seen } of conditions.flatMap(({ values }) => values)) {
      if (!isTextOfPlace(expression, run.scope)) continue
      shown += 1
      const { state } = seen
      const expected = state === 'value' ? { state, value: seen.value } : { state }
      expect({ expression, ...evaluateText(expression, run.scope) }).toEqual({ expression, ...expected })
    }
  }
  return shown
}

describe('an explanation', { timeout: options.numRuns * 6_000 }, () => {
  it('says of rules, of their parts and of what these saw what the plain evaluator says', () => {
    let shown = 0
    checkExplanations((told) => {
      expectTrace(told)
      expectDeciding(told)
      expectNearestMisses(told)
      shown += expectSeenValues(told)
    })
    expect(shown).toBeGreaterThan(options.numRuns)
  })
})

describe('a nearest miss', { timeout: options.numRuns * 6_000 }, () => {
  /** By both evaluators the condition is true after the change, and so no longer the first that the rule misses. */
  function expectMended({ first, rule }: Miss, { loaded }: Told, mended: PolicyQuestion, at: number): void {
    const explanation = explainEngine(loaded, mended)
    const { text, location } = first
    expect(conditionsOf(rule, explanation)[at]).toMatchObject({ text, location, result: 'true' })
    const again = explanation.nearestMisses.find((miss) => miss.rule === rule)?.first
    expect([again?.text, again?.location]).not.toEqual([text, location])
  }

  /** Changes a value that the first condition saw until it is true; false where none that is tried makes it so. */
  function mendValue(miss: Miss, told: Told): boolean {
    const { explanation, loaded, policyCase, question } = told
    const at = conditionsOf(miss.rule, explanation).findIndex(({ result }) => result !== 'true')
    const isMet = (changed: PolicyQuestion): boolean => {
      const result = judgeRules(loaded, policyCase, changed).find(({ rule }) => rule === miss.rule)
      if (result === undefined || result.unheld !== undefined) return false
      return result.runs.every(({ conjuncts }) => conjuncts.slice(at, at + 1).every(isTrue))
    }
    const mended = repairsOf(miss, loaded.files, question).find(isMet)
    if (mended !== undefined) expectMended(miss, told, mended, at)
    return mended !== undefined
  }

  /** Gives the subject the role that WHO asks for; false where a request cannot. */
  function mendRole(miss: Miss, told: Told): boolean {
    if (!/^(to|role) /.test(miss.first.text)) return false
    const mended = giveRole(resultOf(miss.rule, told.results).who, told.loaded.files, told.question)
    if (mended !== undefined) expectMended(miss, told, mended, 0)
    return mended !== undefined
  }

  it('no longer names a condition once a value that it saw, or the role that it asks for, is another', () => {
    let [values, roles] = [0, 0]
    checkExplanations((told) => {
      const { nearestMisses } = told.explanation
      values += nearestMisses.slice(0, 2).filter((miss) => mendValue(miss, told)).length
      roles += nearestMisses.filter((miss) => mendRole(miss, told)).length
    })
    process.stdout.write(`conditions made true by another value: ${values}, by a role: ${roles}\n`)
    expect(Math.min(values, roles)).toBeGreaterThan(options.numRuns / 10)
  })
})
