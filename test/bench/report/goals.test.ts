import { describe, expect, it } from 'vitest'
import { judgeGoals } from './goals.ts'
import { addFloorRatios, type Report, type Result } from './result.ts'

function decide(workload: string, engine: string, value: number): Result {
  return { workload, engine, metric: 'decide', unit: 'ns', value }
}

function judge(results: readonly Result[], shortened: Report['shortened'] = []) {
  const measured = judgeGoals({ results: addFloorRatios(results), shortened }).filter(
    (goal) => goal.measured !== undefined,
  )
  return Object.fromEntries(measured.map(({ what, measured: value, isMet }) => [what, [value, isMet]]))
}

describe('judgeGoals', () => {
  it('takes the geometric mean and the worst of the ratios to the floor', () => {
    const results = [
      decide('a', 'edict', 10),
      decide('a', 'floor', 10),
      decide('b', 'edict', 80),
      decide('b', 'floor', 10),
    ]
    expect(judge(results)).toEqual({
      'decide (all requests): ratio to the floor, geometric mean of 2': ['2.83', false],
      'decide (all requests): ratio to the floor, worst': ['8.00 (b)', false],
    })
  })

  it('names the peers that are faster, and does not count the floor as one', () => {
    const results = [decide('a', 'edict', 10), decide('a', 'casl', 5), decide('a', 'cel-js', 20)]
    expect(judge(results)).toEqual({ 'decide: slower than a peer': ['1 of 2: casl on a (2.00)', false] })
  })

  it('compares a peer that was timed over few requests by those that are asked again and again', () => {
    const hot = (engine: string, value: number): Result => ({
      ...decide('a', engine, value),
      metric: 'decideHot',
    })
    const results = [decide('a', 'edict', 10), decide('a', 'casl', 5), hot('edict', 3), hot('casl', 4)]
    expect(judge(results, [{ workload: 'a', engine: 'casl', requests: 3 }])).toEqual({
      'decide: slower than a peer': ['0 of 1', true],
    })
  })

  it('meets a goal at its limit', () => {
    const results = [decide('abac-cell-100', 'edict', 10), decide('abac-cell-100000', 'edict', 50)]
    expect(judge(results)).toEqual({
      'decide: growth from 100 to 100,000 rules on one type and action': ['5.00', true],
    })
  })

  it('says of nothing that it is met where nothing was measured', () => {
    expect(judgeGoals({ results: [], shortened: [] }).filter(({ isMet }) => isMet)).toEqual([])
  })
})
