// One run of the benchmark, from what was asked on the command line to its report.
import { matchesGlob } from 'node:path'
import { ENGINE_NAMES } from './engines/engines.ts'
import { describeMachine, listVersions } from './machine.ts'
import { measureAll } from './measure/measure-all.ts'
import type { Report, Result } from './report/result.ts'
import { planWorkloads } from './workloads/plans.ts'

/** What the commands of the benchmark have in common, for `parseArgs`. */
export const RUN_FLAGS = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string', default: '*' },
  engines: { type: 'string' },
  metrics: { type: 'string', default: 'decide,load,memory,garbage,http' },
} as const

export const RUN_USAGE = `  --quick           a look in a minute: few workloads, short samples, few peers
  --only GLOB       workloads of these names, such as 'abac-*'; http is one of them
  --engines LIST    engines, separated by commas: ${ENGINE_NAMES.join(', ')}
  --metrics LIST    of decide,load,memory,garbage,http`

export interface RunOptions {
  readonly quick: boolean
  readonly only: string
  readonly engines?: string | undefined
  readonly metrics: string
}

/** Those that a look in a minute has time for. */
const QUICK_ENGINES = ['edict', 'floor', 'edict-program', 'cedar-wasm', 'casl']

/** @param options as parsed from `RUN_FLAGS` */
export async function createReport(options: RunOptions): Promise<Report> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const metrics = new Set(options.metrics.split(','))
  const plans = planWorkloads().filter(
    ({ name, isQuick }) =>
      matchesGlob(name, options.only) && (!options.quick || isQuick === true || options.only === name),
  )
  const engines = pickEngines(options)
  const measured = await measureAll({ plans, isQuick: options.quick, metrics, engines, say })
  const hasHttp = metrics.has('http') && matchesGlob('http', options.only)
  return {
    machine: describeMachine(),
    versions: listVersions(),
    results: [...measured.results, ...(hasHttp ? await measureHttp(options, say) : [])],
    shortened: measured.shortened,
    skipped: measured.skipped,
  }
}

function pickEngines({ quick, engines }: RunOptions): readonly string[] {
  if (engines === undefined) return quick ? QUICK_ENGINES : ENGINE_NAMES
  const asked = engines.split(',')
  const unknown = asked.find((name) => !ENGINE_NAMES.includes(name))
  if (unknown !== undefined) throw new Error(`no engine \`${unknown}\`: ${ENGINE_NAMES.join(', ')}`)
  return ENGINE_NAMES.filter((name) => name === 'floor' || asked.includes(name))
}

async function measureHttp({ quick }: RunOptions, say: (line: string) => void): Promise<readonly Result[]> {
  const { runHttpBench } = await import('./http/run.ts')
  return runHttpBench({ ...(quick && { samples: 1, seconds: 1, peers: false }), say })
}
