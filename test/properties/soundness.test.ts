import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultlessCases } from './arbitraries/policy-case.ts'
import { askEngine, loadCase } from './compare.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(100)

describe('a checked policy set', () => {
  it('never fails where nothing is missing, unknown, ill-typed or out of range', {
    timeout: options.numRuns * 3_000,
  }, () => {
    fc.assert(
      fc.property(faultlessCases, (policyCase) => {
        const loaded = loadCase(policyCase)
        for (const question of policyCase.questions) {
          expect(askEngine(loaded, question, { detail: 'full' }).errors).toEqual([])
        }
      }),
      options,
    )
  })
})
