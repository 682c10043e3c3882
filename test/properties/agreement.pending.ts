import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyCases } from './arbitraries/policy-case.ts'
import { askEngine, askNaively, loadCase } from './compare.ts'
import { countForms, FORMS, type FormCount } from './forms.ts'
import type { FullDecision } from './naive/decide.ts'

// A run can be repeated with the seed it prints, and made longer: EDICT_SEED=7 EDICT_RUNS=100000.
const seed = Number(process.env.EDICT_SEED ?? Date.now() % 1_000_000_000)
const numRuns = Number(process.env.EDICT_RUNS ?? 500)

/** Kinds of answers; each must be a fair share of a run. */
function kindsOf({ decision, reasons, errors }: FullDecision): readonly string[] {
  const isByRules = reasons.every((reason) => 'rule' in reason)
  const failed = errors.some((error) => error.kind !== 'advice')
  return [decision, ...(decision === 'deny' && failed ? [isByRules ? 'failed deny' : 'failed allow'] : [])]
}

function report(forms: FormCount, kinds: FormCount, answers: number): string {
  const shares = [...kinds].map(([kind, count]) => `${kind} ${((100 * count) / answers).toFixed(1)} %`)
  const counts = FORMS.map((form) => `${form} × ${forms.get(form) ?? 0}`)
  return `seed ${seed}, ${numRuns} policy sets, ${answers} answers: ${shares.join(', ')}\n${counts.join(' · ')}\n`
}

describe('the engine and the plain evaluator', () => {
  const forms: FormCount = new Map()
  const kinds: FormCount = new Map()
  let answers = 0

  it('agree on decision, reasons, obligations, advice and errors', { timeout: numRuns * 200 }, () => {
    fc.assert(
      fc.property(policyCases, (policyCase) => {
        const loaded = loadCase(policyCase)
        countForms(forms, loaded.files, policyCase)
        for (const question of policyCase.questions) {
          const expected = askNaively(loaded, policyCase, question)
          answers += 1
          for (const kind of kindsOf(expected)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          expect(askEngine(loaded, question)).toEqual(expected)
        }
      }),
      { seed, numRuns },
    )
  })

  it('have been asked about every form of the language', () => {
    process.stdout.write(report(forms, kinds, answers))
    expect(FORMS.filter((form) => !forms.has(form))).toEqual([])
  })

  it('have given every kind of answer in at least one of twenty cases', () => {
    const rare = ['allow', 'deny', 'failed allow', 'failed deny'].filter(
      (kind) => (kinds.get(kind) ?? 0) < answers / 20,
    )
    expect(rare).toEqual([])
  })
})
