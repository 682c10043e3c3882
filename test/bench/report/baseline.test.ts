import { describe, expect, it } from 'vitest'
import { compareRatios, type Ratio, renderComparison, toRatios } from './baseline.ts'
import { addFloorRatios, type Result } from './result.ts'

function result(engine: string, metric: Result['metric'], value: number, workload = 'w'): Result {
  return { workload, engine, metric, unit: 'ns', value }
}

function ratio(value: number, isBytes = false): readonly Ratio[] {
  return [{ name: 'r', value, isBytes }]
}

describe('toRatios', () => {
  it('sets Edict against the floor, loading against Cedar and the Program against text', () => {
    const results = addFloorRatios([
      result('edict', 'decide', 30),
      result('floor', 'decide', 20),
      result('casl', 'decide', 90),
      result('edict', 'load', 50),
      result('edict-program', 'load', 10),
      result('cedar-wasm', 'load', 200),
      result('edict', 'memory', 300),
    ])
    expect(toRatios(results)).toEqual([
      { name: 'decide w: edict / floor', value: 1.5, isBytes: false },
      { name: 'load w: edict / cedar-wasm', value: 0.25, isBytes: false },
      { name: 'load w: edict-program / edict', value: 0.2, isBytes: false },
      { name: 'memory w: bytes', value: 300, isBytes: true },
    ])
  })

  it('turns requests a second round, so that less is better everywhere', () => {
    const results: readonly Result[] = [
      { ...result('edict', 'httpSingle', 800), floorRatio: 0.8 },
      result('cerbos', 'httpSingle', 100),
    ]
    expect(toRatios(results).map(({ value }) => value)).toEqual([1.25, 0.125])
  })

  it('leaves out what has nothing to stand beside', () => {
    expect(toRatios([result('edict', 'decide', 30), result('edict', 'load', 50)])).toEqual([])
  })
})

describe('compareRatios', () => {
  it.each([
    {
      claim: 'growth within the tolerance is no news',
      before: ratio(1),
      now: ratio(1.29),
      worse: 0,
      better: 0,
    },
    { claim: 'growth beyond it is worse', before: ratio(1), now: ratio(1.31), worse: 1, better: 0 },
    { claim: 'the same the other way is better', before: ratio(1.31), now: ratio(1), worse: 0, better: 1 },
    {
      claim: 'bytes have a tolerance of their own',
      before: ratio(500, true),
      now: ratio(560, true),
      worse: 1,
      better: 0,
    },
    { claim: 'a few bytes are none', before: ratio(0, true), now: ratio(8, true), worse: 0, better: 0 },
    { claim: 'what was not measured before is not compared', before: [], now: ratio(9), worse: 0, better: 0 },
    { claim: 'what is not measured now is not compared', before: ratio(9), now: [], worse: 0, better: 0 },
  ])('$claim', ({ before, now, worse, better }) => {
    const comparison = compareRatios(before, now)
    expect(comparison.worse).toHaveLength(worse)
    expect(comparison.better).toHaveLength(better)
  })

  it('names what got worse, the worst first', () => {
    const before = ['a', 'b'].map((name) => ({ name, value: 1, isBytes: false }))
    const now = [
      { name: 'a', value: 2, isBytes: false },
      { name: 'b', value: 3, isBytes: false },
    ]
    expect(renderComparison(compareRatios(before, now))).toBe(
      [
        'Worse than the baseline:',
        '  b: 1.00 → 3.00',
        '  a: 1.00 → 2.00',
        '2 ratios compared, 2 worse, 0 better',
      ].join('\n'),
    )
  })
})
