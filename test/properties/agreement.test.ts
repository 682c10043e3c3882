import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyCases } from './arbitraries/policy-case.ts'
import { askEngine, askNaively, loadCase, toFullDecision } from './compare.ts'
import { countForms, FORMS, type FormCount } from './forms.ts'
import type { FullDecision } from './naive/decide.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(150)

/** Kinds of answers; each must be a fair share of a run. */
function kindsOf({ decision, reasons, errors }: FullDecision): readonly string[] {
  const isByRules = reasons.every((reason) => 'rule' in reason)
  const failed = errors.some((error) => error.kind !== 'advice')
  if (decision === 'allow' || !failed) return [decision]
  return [decision, isByRules ? 'failed deny' : 'failed allow']
}

const KINDS = ['allow', 'deny', 'failed allow', 'failed deny'] as const

function report(forms: FormCount, kinds: FormCount, answers: number): string {
  const shares = KINDS.map((kind) => `${kind} ${((100 * (kinds.get(kind) ?? 0)) / answers).toFixed(1)} %`)
  const counts = FORMS.map((form) => `${form} × ${forms.get(form) ?? 0}`)
  const run = `seed ${options.seed}: ${options.numRuns} policy sets, ${answers} answers`
  return `${run}, ${shares.join(', ')}\n${counts.join(' · ')}\n`
}

describe('the engine and the plain evaluator', () => {
  const forms: FormCount = new Map()
  const kinds: FormCount = new Map()
  let answers = 0

  it('agree on decision, reasons, obligations, advice and errors', {
    timeout: options.numRuns * 3_000,
  }, () => {
    fc.assert(
      fc.property(policyCases, (policyCase) => {
        const loaded = loadCase(policyCase)
        countForms(forms, loaded.files, policyCase)
        for (const question of policyCase.questions) {
          const expected = askNaively(loaded, policyCase, question)
          answers += 1
          for (const kind of kindsOf(expected)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          expect(toFullDecision(askEngine(loaded, question, { detail: 'full' }))).toEqual(expected)
        }
      }),
      options,
    )
  })

  it('have been asked about every form of the language', () => {
    process.stdout.write(report(forms, kinds, answers))
    expect(FORMS.filter((form) => !forms.has(form))).toEqual([])
  })

  it('have given every kind of answer in at least one of twenty cases', () => {
    expect(KINDS.filter((kind) => (kinds.get(kind) ?? 0) < answers / 20)).toEqual([])
  })
})
