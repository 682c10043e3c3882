// `npm run bench`: Edict beside hand-written code and beside other engines. See docs/performance.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createReport, RUN_FLAGS, RUN_USAGE } from './create-report.ts'
import { FAILED } from './measure/measure-all.ts'
import { BASELINE, writeDocs } from './report/docs.ts'
import { judgeGoals } from './report/goals.ts'
import { mergeReports, type Report } from './report/result.ts'
import { renderGoals, renderReport, renderShortened } from './report/table.ts'
import { planWorkloads } from './workloads/plans.ts'

const USAGE = `npm run bench -- [options]
${RUN_USAGE}
  --json FILE       write the results down
  --report FILE     show this run, written with --json, instead of a new one; several make one, such as of
                    --only abac-* and --only rbac-*
  --record          make this run the baseline of bench:check, and write its results into docs/performance.md
  --list            name the workloads`

const { values } = parseArgs({
  options: {
    ...RUN_FLAGS,
    json: { type: 'string' },
    report: { type: 'string', multiple: true },
    record: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else if (values.list) for (const { name } of planWorkloads()) console.log(name)
else await print(values.report === undefined ? await createReport(values) : readReports(values.report))

function readReports(files: readonly string[]): Report {
  return mergeReports(files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report))
}

async function print(report: Report): Promise<void> {
  console.log(renderReport(report))
  for (const line of renderShortened(report)) console.log(`over fewer requests: ${line}`)
  for (const { workload, engine, reason } of report.skipped) {
    if (reason === 'it cannot say this') continue
    console.log(`not measured: ${engine} on ${workload}: ${reason}`)
  }
  console.log(`\n${renderGoals(judgeGoals(report))}`)
  const text = `${JSON.stringify(report, null, 2)}\n`
  if (values.json !== undefined) writeFileSync(values.json, text)
  if (values.record) {
    writeFileSync(BASELINE, text)
    await writeDocs(report)
  }
  if (report.skipped.some(({ reason }) => reason.startsWith(FAILED))) process.exitCode = 1
}
