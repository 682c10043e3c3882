// A chart of times per decision: a group of bars for each workload, lengths on a logarithmic scale. Colours follow the
// reader's light or dark setting; nothing is drawn behind them.
import { findValue, type Result } from './result.ts'
import { renderNanoseconds } from './table.ts'

const ROW = 18
const GAP = 14
const LEFT = 130
const WIDTH = 760
const PLOT = WIDTH - LEFT - 70
const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #24292f; }
    .title { font-weight: 600; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .bar { fill: #8c959f; }
    .floor { fill: #bf8700; }
    .edict { fill: #0969da; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .grid { stroke: #3d444d; }
      .bar { fill: #6e7681; }
      .floor { fill: #d29922; }
      .edict { fill: #4493f8; }
    }`

export interface ChartOptions {
  readonly workloads: readonly string[]
  readonly engines: readonly string[]
}

export function renderChart(results: readonly Result[], { workloads, engines }: ChartOptions): string {
  const groups = workloads
    .map((workload) => ({
      workload,
      bars: engines.flatMap((engine) => {
        const value = findValue(results, workload, engine, 'decide')
        return value === undefined ? [] : [{ engine, value }]
      }),
    }))
    .filter(({ bars }) => bars.length > 0)
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value))
  const scale = createScale(values)
  const parts: string[] = []
  let top = 34
  for (const { workload, bars } of groups) {
    parts.push(`<text class="title" x="8" y="${top + 4}">${escapeText(workload)}</text>`)
    top += 10
    for (const bar of bars) {
      parts.push(drawBar(bar, top, scale.toX(bar.value)))
      top += ROW
    }
    top += GAP
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 8}" role="img" aria-label="Time per decision by workload and engine, on a logarithmic scale">`,
    `  <style>${STYLE}\n  </style>`,
    ...scale.ticks.map((tick) => `  ${drawTick(tick, scale.toX(tick), top)}`),
    ...parts.map((part) => `  ${part}`),
    '</svg>',
    '',
  ].join('\n')
}

/** Whole powers of ten around all values. */
function createScale(values: readonly number[]) {
  const from = Math.floor(Math.log10(Math.min(...values)))
  const to = Math.ceil(Math.log10(Math.max(...values)))
  const span = Math.max(1, to - from)
  return {
    ticks: Array.from({ length: span + 1 }, (_, step) => 10 ** (from + step)),
    toX: (value: number) => LEFT + (PLOT * (Math.log10(value) - from)) / span,
  }
}

function drawBar({ engine, value }: { engine: string; value: number }, top: number, end: number): string {
  const kind = engine === 'edict' || engine === 'floor' ? ` ${engine}` : ''
  const width = Math.max(1, end - LEFT).toFixed(1)
  return [
    `<text x="${LEFT - 8}" y="${top + 12}" text-anchor="end">${escapeText(engine)}</text>`,
    `<rect class="bar${kind}" x="${LEFT}" y="${top + 2}" width="${width}" height="${ROW - 5}" rx="2"/>`,
    `<text x="${(Math.max(LEFT + 1, end) + 6).toFixed(1)}" y="${top + 12}">${renderNanoseconds(value)}</text>`,
  ].join('')
}

function drawTick(value: number, x: number, bottom: number): string {
  const at = x.toFixed(1)
  const label = renderNanoseconds(value).replace(/\.0+ /, ' ')
  return `<line class="grid" x1="${at}" y1="20" x2="${at}" y2="${bottom}"/><text x="${at}" y="14" text-anchor="middle">${label}</text>`
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
