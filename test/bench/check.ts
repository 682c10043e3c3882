// `npm run bench:check`: runs the benchmark and holds its ratios to the committed run.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createReport, RUN_FLAGS, RUN_USAGE } from './create-report.ts'
import { compareRatios, renderComparison, toRatios } from './report/baseline.ts'
import { BASELINE } from './report/docs.ts'
import type { Report } from './report/result.ts'

const USAGE = `npm run bench:check -- [options]
${RUN_USAGE}
  --report FILE     hold this run to the baseline, made with bench --json, instead of a new one
  --tolerance N     by how much a ratio of times may grow, in percent (default 30)`

const { values } = parseArgs({
  options: {
    ...RUN_FLAGS,
    report: { type: 'string' },
    tolerance: { type: 'string', default: '30' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else if (!existsSync(BASELINE)) fail('no baseline: npm run bench -- --record makes one')
else await check()

async function check(): Promise<void> {
  const percent = Number(values.tolerance)
  if (!(percent >= 0)) return fail(`no percentage: ${values.tolerance}`)
  const now = values.report === undefined ? await createReport(values) : readReport(values.report)
  const comparison = compareRatios(toRatios(readReport(BASELINE).results), toRatios(now.results), {
    times: percent / 100,
  })
  console.log(renderComparison(comparison))
  if (comparison.worse.length > 0 || comparison.compared === 0) process.exitCode = 1
}

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
