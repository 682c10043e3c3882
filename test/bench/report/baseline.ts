// A run beside an earlier one: ratios within each run are compared, never times, so that runs of different machines
// and of busy days can stand beside one another.
import { findValue, type Metric, type Result } from './result.ts'

/** Something that is better the lower it is, and means the same on any machine. */
export interface Ratio {
  readonly name: string
  readonly value: number
  /** Bytes do not depend on the moment; times do, even as ratios. */
  readonly isBytes: boolean
}
export interface Worse {
  readonly name: string
  readonly before: number
  readonly now: number
}
export interface Comparison {
  readonly worse: readonly Worse[]
  readonly better: readonly Worse[]
  /** How many ratios stand in both. */
  readonly compared: number
}
export interface Tolerance {
  /** Share by which a ratio of times may grow. Default 0.3. */
  readonly times?: number
  /** Share by which a count of bytes may grow. Default 0.1. */
  readonly bytes?: number
}

/** Counts of bytes this close to each other are the same: a decision may meet a table that grows. */
const NEAR_BYTES = 8

export function toRatios(results: readonly Result[]): readonly Ratio[] {
  const own = results.filter(({ engine }) => engine === 'edict' || engine === 'edict-program')
  return own.flatMap((result): readonly Ratio[] => {
    const { workload, engine, metric, value, floorRatio } = result
    const name = `${metric} ${workload}`
    const toRatio = (reference: string, ratio: number): Ratio => ({
      name: `${name}: ${engine} / ${reference}`,
      value: ratio,
      isBytes: false,
    })
    switch (metric) {
      case 'decide':
      case 'decideHot':
        return floorRatio === undefined ? [] : [toRatio('floor', floorRatio)]
      case 'load': {
        const reference = engine === 'edict' ? 'cedar-wasm' : 'edict'
        const other = findValue(results, workload, reference, metric)
        return other === undefined ? [] : [toRatio(reference, value / other)]
      }
      case 'memory':
      case 'garbage':
        return [{ name: `${name}: bytes`, value, isBytes: true }]
      default:
        return toHttpRatios(results, result)
    }
  })
}

/** The other way round: here more is better. */
function toHttpRatios(results: readonly Result[], { workload, metric, value, floorRatio }: Result) {
  const name = `${metric} ${workload}`
  const cerbos = findHttp(results, metric)
  return [
    ...(floorRatio === undefined
      ? []
      : [{ name: `${name}: node:http / edict`, value: 1 / floorRatio, isBytes: false }]),
    ...(cerbos === undefined
      ? []
      : [{ name: `${name}: cerbos / edict`, value: cerbos / value, isBytes: false }]),
  ]
}

function findHttp(results: readonly Result[], metric: Metric): number | undefined {
  return results.find((one) => one.engine === 'cerbos' && one.metric === metric)?.value
}

/** What stands in one run alone is not compared. Worst first. */
export function compareRatios(
  before: readonly Ratio[],
  now: readonly Ratio[],
  { times = 0.3, bytes = 0.1 }: Tolerance = {},
): Comparison {
  const known = new Map(before.map((ratio) => [ratio.name, ratio.value]))
  const pairs = now.flatMap(({ name, value, isBytes }) => {
    const old = known.get(name)
    return old === undefined ? [] : [{ name, before: old, now: value, isBytes }]
  })
  const isAbove = (high: number, low: number, isBytes: boolean) =>
    isBytes ? high > low * (1 + bytes) + NEAR_BYTES : high > low * (1 + times)
  const toWorse = ({ name, before: old, now: value }: Worse): Worse => ({ name, before: old, now: value })
  const growth = (pair: Worse) => pair.now / Math.max(pair.before, Number.MIN_VALUE)
  return {
    worse: pairs
      .filter((pair) => isAbove(pair.now, pair.before, pair.isBytes))
      .sort((a, b) => growth(b) - growth(a))
      .map(toWorse),
    better: pairs
      .filter((pair) => isAbove(pair.before, pair.now, pair.isBytes))
      .sort((a, b) => growth(a) - growth(b))
      .map(toWorse),
    compared: pairs.length,
  }
}

export function renderComparison({ worse, better, compared }: Comparison): string {
  const toLine = ({ name, before, now }: Worse) => `  ${name}: ${toShort(before)} → ${toShort(now)}`
  const list = (title: string, pairs: readonly Worse[]) =>
    pairs.length === 0 ? [] : [title, ...pairs.map(toLine)]
  return [
    ...list('Worse than the baseline:', worse),
    ...list('Better than the baseline:', better),
    `${compared} ratios compared, ${worse.length} worse, ${better.length} better`,
  ].join('\n')
}

function toShort(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
