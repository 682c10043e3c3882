import { describe, expect, it } from 'vitest'
import { judgeGoals } from './goals.ts'
import { addFloorRatios, type Result } from './result.ts'

function decide(workload: string, engine: string, value: number): Result {
  return { workload, engine, metric: 'decide', unit: 'ns', value }
}

function judge(results: readonly Result[]) {
  const measured = judgeGoals(addFloorRatios(results)).filter((goal) => goal.measured !== undefined)
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

  it('meets a goal at its limit', () => {
    const results = [decide('abac-cell-100', 'edict', 10), decide('abac-cell-100000', 'edict', 50)]
    expect(judge(results)).toEqual({
      'decide: growth from 100 to 100,000 rules on one type and action': ['5.00', true],
    })
  })

  it('says of nothing that it is met where nothing was measured', () => {
    expect(judgeGoals([]).filter(({ isMet }) => isMet)).toEqual([])
  })
})
