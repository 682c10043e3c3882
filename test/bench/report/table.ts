// Results as text: one line a workload, one column an engine.
import type { Goal } from './goals.ts'
import { METRICS, type Metric, type Report, type Result } from './result.ts'

const TITLES: Record<Metric, string> = {
  decide: 'Time per decision, all requests in turn',
  decideHot: 'Time per decision, the same sixteen requests again and again',
  load: 'Load in a cold process, text to ready (ms)',
  memory: 'Memory after load and collection (bytes a rule)',
  garbage: 'Garbage (bytes a decision)',
  httpSingle: 'HTTP, one question a request (requests/s)',
  httpBatch: 'HTTP, twenty questions a request (requests/s)',
}

export function renderReport(report: Report): string {
  const metrics = (Object.keys(METRICS) as Metric[]).filter((metric) =>
    report.results.some((result) => result.metric === metric),
  )
  return metrics
    .map((metric) => `${TITLES[metric]}\n${renderTable(toRows(report.results, metric))}`)
    .join('\n\n')
}

/** A line for each engine that was timed on fewer requests than the others, with how many. */
export function renderShortened({ shortened }: Report): readonly string[] {
  const byEngine = Map.groupBy(shortened, ({ engine }) => engine)
  return [...byEngine].map(([engine, found]) => {
    const counts = found.map(({ workload, requests }) => `${workload} (${requests})`)
    return `${engine} on ${counts.join(', ')}`
  })
}

/** First row: the engines. */
export function toRows(results: readonly Result[], metric: Metric): readonly (readonly string[])[] {
  const found = results.filter((result) => result.metric === metric)
  const engines = [...new Set(found.map(({ engine }) => engine))]
  const workloads = [...new Set(found.map(({ workload }) => workload))]
  const hasRatio = metric === 'decide' || metric === 'decideHot'
  const head = ['', ...engines, ...(hasRatio ? ['edict / floor'] : [])]
  const rows = workloads.map((workload) => {
    const inRow = found.filter((result) => result.workload === workload)
    const cells = engines.map((engine) => {
      const result = inRow.find((one) => one.engine === engine)
      return result === undefined ? '' : renderValue(result)
    })
    const ratio = inRow.find(({ engine }) => engine === 'edict')?.floorRatio
    return [workload, ...cells, ...(hasRatio ? [ratio === undefined ? '' : ratio.toFixed(2)] : [])]
  })
  return [head, ...rows]
}

function renderValue({ value, unit }: Result): string {
  if (unit === 'ns') return renderNanoseconds(value)
  if (unit === 'ms') return value >= 100 ? value.toFixed(0) : value.toFixed(1)
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(0)
}

export function renderNanoseconds(value: number): string {
  if (value < 1000) return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ns`
  const [scaled, unit] = value < 1e6 ? [value / 1e3, 'µs'] : [value / 1e6, 'ms']
  return `${scaled < 100 ? scaled.toPrecision(3) : scaled.toFixed(0)} ${unit}`
}

export function renderGoals(goals: readonly Goal[]): string {
  const width = Math.max(...goals.map(({ what }) => what.length))
  const lines = goals.map(({ what, goal, measured, isMet }) => {
    const verdict = measured === undefined ? '' : isMet ? 'met' : 'MISSED'
    return `${verdict.padEnd(6)}  ${what.padEnd(width)}  ${goal.padEnd(6)}  ${measured ?? 'not measured'}`
  })
  return `Goals\n${lines.join('\n')}`
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
