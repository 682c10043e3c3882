// Writes the results of a run into docs/performance.md, between marks, and draws its chart.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENGINE_NAMES, importEngine } from '../engines/engines.ts'
import { renderChart } from './chart.ts'
import { judgeGoals } from './goals.ts'
import { METRICS, type Metric, type Report } from './result.ts'
import { renderShortened, toRows } from './table.ts'

const root = join(import.meta.dirname, '../../..')
/** The committed run: what bench:check compares with, and what the tables of the manual show. */
export const BASELINE: string = join(import.meta.dirname, '../baseline.json')
const PAGE = join(root, 'docs/performance.md')
const CHART = join(root, 'docs/performance.svg')

const CHARTED = {
  workloads: [
    'five-rules',
    'rbac-10000',
    'abac-types-10000',
    'abac-cell-10000',
    'drive-50',
    'git-host-50',
    'to-do-50',
  ],
  engines: ['floor', 'edict', 'casl', 'cel-js', 'accesscontrol', 'casbin', 'cedar-wasm'],
}

export async function writeDocs(report: Report): Promise<void> {
  writeFileSync(PAGE, fillPage(readFileSync(PAGE, 'utf8'), report, await renderSpared()))
  writeFileSync(CHART, renderChart(report.results, CHARTED))
  spawnSync('biome', ['format', '--write', 'docs/performance.md', 'test/bench/baseline.json'], { cwd: root })
}

/** Replaces what stands between `<!-- NAME: begin … -->` and `<!-- NAME: end -->`. */
function fillPage(page: string, report: Report, spared: string): string {
  const sections = new Map<string, string>([
    ['machine', renderMachine(report)],
    ['goals', renderGoalTable(report)],
    ['spared', spared],
    [
      'shortened',
      renderShortened(report)
        .map((line) => `- ${line}`)
        .join('\n') || 'None.',
    ],
    ['skipped', renderSkipped(report)],
    ...(Object.keys(METRICS) as Metric[]).map((metric): [string, string] => [
      metric,
      toMarkdown(toRows(report.results, metric)),
    ]),
  ])
  return page.replace(
    /(<!-- (\w+): begin[^>]*-->\n)[\s\S]*?(<!-- \2: end -->)/g,
    (whole: string, begin: string, name: string, end: string) => {
      const section = sections.get(name)
      return section === undefined ? whole : `${begin}\n${section}\n\n${end}`
    },
  )
}

function toMarkdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...rest] = rows
  if (rest.length === 0) return 'Not measured in this run.'
  const toLine = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  // Numbers to the right, words to the left.
  const isNumber = (column: number) => /^[\d.,]*\d/.test(rest.map((row) => row[column]).find(Boolean) ?? '')
  const rule = head.map((_, column) => (isNumber(column) ? '---:' : '---'))
  return [toLine(head), toLine(rule), ...rest.map(toLine)].join('\n')
}

function renderMachine({ machine, versions }: Report): string {
  const { cpu, cores, memoryGb, os } = machine
  const listed = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${os}. ${listed.join(', ')}.`
}

function renderGoalTable(report: Report): string {
  const rows = judgeGoals(report).map(({ what, goal, measured, isMet }) => [
    what,
    goal,
    measured ?? 'not measured',
    measured === undefined ? '' : isMet ? 'met' : 'missed',
  ])
  return toMarkdown([['what', 'goal', 'measured', ''], ...rows])
}

async function renderSpared(): Promise<string> {
  const engines = await Promise.all(ENGINE_NAMES.map(importEngine))
  return toMarkdown([
    ['engine', 'what its times leave out'],
    ...engines.map(({ name, spared }) => [name, spared]),
  ])
}

function renderSkipped({ skipped }: Report): string {
  const rows = skipped
    .filter(({ reason }) => reason !== 'it cannot say this')
    .map(({ workload, engine, reason }) => [workload, engine, reason])
  return rows.length === 0 ? 'Nothing was left out.' : toMarkdown([['workload', 'engine', 'why'], ...rows])
}
