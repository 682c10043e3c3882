import { beforeAll, describe, expect, it } from 'vitest'
import { createTargets, makeTrial, minimise, runTrial } from './fuzz.ts'
import type { Target } from './target.ts'

/** Fixed, so that a red run stays red. `node test/fuzz/run.ts` looks further. */
const SEED = 1
const INPUTS = 2_000

describe('parser, checker, engine, data and service', () => {
  let targets: readonly Target[]
  beforeAll(() => {
    targets = createTargets()
  })

  it('stand by their promises whatever they are given', { timeout: 120_000 }, async () => {
    const failures: string[] = []
    for (let index = 0; index < INPUTS; index++) {
      const trial = makeTrial(targets, SEED, index)
      const { finding } = await runTrial(trial, false)
      if (finding === undefined) continue
      const smallest = await minimise(trial, finding)
      failures.push(`${trial.target}, input ${index}: ${finding.message}\n${smallest.print()}`)
      if (failures.length === 5) break
    }
    expect(failures.join('\n\n')).toBe('')
  })
})
