// `npm run bench`: Edict beside hand-written code and beside other engines. See docs/performance.md.
import { writeFileSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { parseArgs } from 'node:util'
import { ENGINES } from './engines/engines.ts'
import { describeMachine, listVersions } from './machine.ts'
import { FAILED, measureAll } from './measure/measure-all.ts'
import { judgeGoals } from './report/goals.ts'
import type { Report, Result } from './report/result.ts'
import { renderGoals, renderReport } from './report/table.ts'
import { planWorkloads } from './workloads/plans.ts'

const USAGE = `npm run bench -- [options]
  --quick           a look in a minute: few workloads, short samples, the fastest peers
  --only GLOB       workloads of this name, such as 'abac-*'; http is one of them
  --engines LIST    engines, separated by commas (floor,edict,edict-program,cedar-wasm,casbin,casl,accesscontrol,cel-js)
  --metrics LIST    of decide,load,memory,garbage,http
  --json FILE       write the results down
  --list            name the workloads`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '*' },
    engines: { type: 'string' },
    metrics: { type: 'string', default: 'decide,load,memory,garbage,http' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Those that a look in a minute has time for. */
const QUICK_ENGINES = ['edict', 'floor', 'edict-program', 'cedar-wasm', 'casl']

if (values.help) console.log(USAGE)
else if (values.list) for (const { name } of planWorkloads()) console.log(name)
else await run()

async function run(): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const metrics = new Set(values.metrics.split(','))
  const plans = planWorkloads().filter(
    ({ name, isQuick }) =>
      matchesGlob(name, values.only) && (!values.quick || isQuick === true || values.only === name),
  )
  const measured = await measureAll({ plans, isQuick: values.quick, metrics, engines: pickEngines(), say })
  const http = metrics.has('http') && matchesGlob('http', values.only) ? await measureHttp(say) : []
  const report: Report = {
    machine: describeMachine(),
    versions: listVersions(),
    results: [...measured.results, ...http],
    skipped: measured.skipped,
  }
  console.log(renderReport(report))
  for (const { workload, engine, reason } of report.skipped) {
    if (reason !== 'it cannot say this') console.log(`not measured: ${engine} on ${workload}, ${reason}`)
  }
  console.log(`\n${renderGoals(judgeGoals(report.results))}`)
  if (report.skipped.some(({ reason }) => reason.startsWith(FAILED))) process.exitCode = 1
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
}

function pickEngines(): readonly string[] {
  const known = ENGINES.map(({ name }) => name)
  if (values.engines === undefined) return values.quick ? QUICK_ENGINES : known
  const asked = values.engines.split(',')
  const unknown = asked.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no engine \`${unknown}\`: ${known.join(', ')}`)
  return known.filter((name) => name === 'floor' || asked.includes(name))
}

async function measureHttp(say: (line: string) => void): Promise<readonly Result[]> {
  const { runHttpBench } = await import('./http/run.ts')
  const options = values.quick ? { samples: 2, seconds: 1, peers: false } : {}
  return runHttpBench({ ...options, say })
}
