// The numbers to reach, each a ratio within one run or a count of bytes, and whether they are.
import { geometricMean } from '../measure/statistics.ts'
import { findValue, type Metric, type Report, type Result } from './result.ts'

export interface Goal {
  readonly what: string
  readonly goal: string
  /** Undefined: this run did not measure it. */
  readonly measured: string | undefined
  readonly isMet: boolean
}

type Results = readonly Result[]

export function judgeGoals({ results, shortened }: Pick<Report, 'results' | 'shortened'>): readonly Goal[] {
  return [
    ...judgeFloorRatios(results, 'decide', 'all requests'),
    ...judgeFloorRatios(results, 'decideHot', 'the same sixteen'),
    judgeGrowth(results, 'abac-types', 'spread over types'),
    judgeGrowth(results, 'abac-cell', 'on one type and action'),
    judgePeers(results, shortened),
    judgeGarbage(results),
    judgeRatio(results, {
      what: 'load 10,000 rules from text: ratio to cedar-wasm',
      metric: 'load',
      over: ['edict', 'cedar-wasm'],
      limit: 0.4,
    }),
    judgeRatio(results, {
      what: 'load 10,000 rules from a Program: ratio to text',
      metric: 'load',
      over: ['edict-program', 'edict'],
      limit: 0.25,
    }),
    judgeMemory(results),
    ...judgeHttp(results),
  ]
}

function atMost(what: string, limit: number, value: number | undefined, note = ''): Goal {
  return {
    what,
    goal: `≤ ${limit}`,
    measured: value === undefined ? undefined : `${toShort(value)}${note}`,
    isMet: value !== undefined && value <= limit,
  }
}

function atLeast(what: string, limit: number, value: number | undefined): Goal {
  return {
    what,
    goal: `≥ ${limit}`,
    measured: value === undefined ? undefined : toShort(value),
    isMet: value !== undefined && value >= limit,
  }
}

function toShort(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}

function judgeFloorRatios(results: Results, metric: Metric, which: string): readonly Goal[] {
  const ratios = results.flatMap(({ engine, metric: of, workload, floorRatio }) =>
    engine === 'edict' && of === metric && floorRatio !== undefined ? [{ workload, floorRatio }] : [],
  )
  const worst = ratios.toSorted((a, b) => b.floorRatio - a.floorRatio)[0]
  const mean = ratios.length === 0 ? undefined : geometricMean(ratios.map(({ floorRatio }) => floorRatio))
  return [
    atMost(`decide (${which}): ratio to the floor, geometric mean of ${ratios.length}`, 2, mean),
    atMost(
      `decide (${which}): ratio to the floor, worst`,
      4,
      worst?.floorRatio,
      worst && ` (${worst.workload})`,
    ),
  ]
}

function judgeGrowth(results: Results, family: string, where: string): Goal {
  const few = findValue(results, `${family}-100`, 'edict', 'decide')
  const many = findValue(results, `${family}-100000`, 'edict', 'decide')
  return atMost(
    `decide: growth from 100 to 100,000 rules ${where}`,
    5,
    few !== undefined && many !== undefined ? many / few : undefined,
  )
}

/** Who was timed over fewer requests than this is compared by the sixteen that all are asked again and again. */
const FEW_REQUESTS = 100

/** Edict against everybody but its floor, in every workload that both could say. */
function judgePeers(results: Results, shortened: Report['shortened']): Goal {
  const ofFew = new Set(
    shortened
      .filter(({ requests }) => requests < FEW_REQUESTS)
      .map(({ workload, engine }) => `${engine} on ${workload}`),
  )
  const pairs = results.flatMap(({ workload, engine, metric, value }) => {
    const name = `${engine} on ${workload}`
    if (engine === 'floor' || engine === 'edict') return []
    if (metric !== (ofFew.has(name) ? 'decideHot' : 'decide')) return []
    const own = findValue(results, workload, 'edict', metric)
    return own === undefined ? [] : [{ name, ratio: own / value }]
  })
  const slower = pairs.filter(({ ratio }) => ratio > 1)
  const listed = slower
    .toSorted((a, b) => b.ratio - a.ratio)
    .map(({ name, ratio }) => `${name} (${ratio.toFixed(2)})`)
  return {
    what: 'decide: slower than a peer',
    goal: 'never',
    measured:
      pairs.length === 0
        ? undefined
        : `${slower.length} of ${pairs.length}${listed.length > 0 ? `: ${listed.slice(0, 6).join(', ')}` : ''}`,
    isMet: pairs.length > 0 && slower.length === 0,
  }
}

function judgeGarbage(results: Results): Goal {
  const worst = results
    .filter(({ engine, metric }) => engine === 'edict' && metric === 'garbage')
    .toSorted((a, b) => b.value - a.value)[0]
  return atMost(
    'garbage of a plain decision, bytes, worst',
    100,
    worst?.value,
    worst && ` (${worst.workload})`,
  )
}

interface RatioGoal {
  readonly what: string
  readonly metric: Metric
  readonly over: readonly [engine: string, reference: string]
  readonly limit: number
}

function judgeRatio(results: Results, { what, metric, over, limit }: RatioGoal): Goal {
  const [own, other] = over.map((engine) => findValue(results, 'abac-types-10000', engine, metric))
  return atMost(what, limit, own !== undefined && other !== undefined ? own / other : undefined)
}

function judgeMemory(results: Results): Goal {
  const value = findValue(results, 'abac-types-100000', 'edict', 'memory')
  return atMost('memory of 100,000 rules of ten shapes, bytes a rule', 400, value)
}

function judgeHttp(results: Results): readonly Goal[] {
  const find = (engine: string, metric: Metric) =>
    results.find((one) => one.engine === engine && one.metric === metric)
  return (['httpSingle', 'httpBatch'] as const).flatMap((metric) => {
    const name = metric === 'httpSingle' ? 'single' : 'batch of 20'
    const edict = find('edict', metric)
    const cerbos = find('cerbos', metric)
    const [logging, workers] = [find('edict, log and metrics', metric), find('edict, two workers', metric)]
    return [
      atLeast(
        `/decide, ${name}: ratio to a bare node:http server`,
        metric === 'httpSingle' ? 0.85 : 0.75,
        edict?.floorRatio,
      ),
      atLeast(`/decide, ${name}: ratio to Cerbos`, 7, edict && cerbos && edict.value / cerbos.value),
      atLeast(
        `/decide, ${name}: ratio of two workers to Cerbos`,
        7,
        workers && cerbos && workers.value / cerbos.value,
      ),
      atLeast(`/decide, ${name}: with decision log and metrics, ratio to without`, 0.9, logging?.floorRatio),
    ]
  })
}
