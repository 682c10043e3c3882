// Everything that a run measures in process, workload after workload.
import { addFloorRatios, METRICS, type Metric, type Report, type Result } from '../report/result.ts'
import type { WorkloadPlan } from '../workloads/workload.ts'
import { measureDecide } from './decide.ts'
import { measureGarbage, measureLoad, measureMemory } from './once.ts'

export interface MeasureOptions {
  readonly plans: readonly WorkloadPlan[]
  readonly isQuick: boolean
  readonly metrics: ReadonlySet<string>
  /** Names of engines; the floor is always among them. */
  readonly engines: readonly string[]
  readonly say: (line: string) => void
}
/** Begins the reason of what should have been measured. */
export const FAILED = 'failed: '

type Measured = Pick<Report, 'results' | 'skipped' | 'shortened'>

const SETTINGS = { samples: 7, sampleMs: 150, verifyMs: 2000 }
const QUICK = { samples: 3, sampleMs: 30, verifyMs: 200 }
/** Where loading is worth a time: few rules, many roles, many rules. */
const LOADED = ['five-rules', 'rbac-10000', 'abac-types-1000', 'abac-types-10000']
const WEIGHED = ['rbac-100000', 'abac-types-100000', 'abac-cell-100000']
const QUICKLY_LITTERED = ['five-rules', 'drive-20', 'folder-tree-20']
/** Beyond this, the garbage of peers takes longer to make than it tells. */
const LITTERED_BY_PEERS = ['five-rules', 'rbac-1000', 'abac-types-1000', 'drive-20']

export async function measureAll(options: MeasureOptions): Promise<Measured> {
  const results: Result[] = []
  const skipped: Report['skipped'][number][] = []
  const shortened: Report['shortened'][number][] = []
  for (const { name } of options.plans) {
    const startedAt = performance.now()
    try {
      const found = await measureWorkload(name, options)
      results.push(...found.results)
      skipped.push(...found.skipped)
      shortened.push(...found.shortened)
    } catch (error) {
      // One workload that cannot be measured does not cost the run; a wrong decision is among what can fail here.
      const reason = error instanceof Error ? error.message : String(error)
      skipped.push({ workload: name, engine: 'all', reason: `${FAILED}${reason}` })
      options.say(`${name} FAILED: ${reason}`)
    }
    options.say(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
  return { results: addFloorRatios(results), skipped, shortened }
}

async function measureWorkload(workload: string, options: MeasureOptions): Promise<Measured> {
  const { metrics, isQuick, engines } = options
  const settings = isQuick ? QUICK : SETTINGS
  const results: Result[] = []
  const add = (engine: string, metric: Metric, value: number | undefined) => {
    if (value !== undefined) results.push({ workload, engine, metric, unit: METRICS[metric], value })
  }
  const deciding = engines.filter((engine) => engine !== 'edict-program')
  let skipped: Measured['skipped'] = []
  let shortened: Measured['shortened'] = []
  if (metrics.has('decide')) {
    const found = await measureDecide({ workload, engines: deciding, ...settings })
    for (const { engine, cold, hot } of found.times) {
      add(engine, 'decide', cold)
      add(engine, 'decideHot', hot)
    }
    skipped = found.skipped.map((one) => ({ workload, ...one }))
    const all = Math.max(...found.times.map(({ verified }) => verified))
    shortened = found.times
      .filter(({ verified }) => verified < all)
      .map(({ engine, verified }) => ({ workload, engine, requests: verified }))
  }
  if (metrics.has('load') && LOADED.includes(workload)) {
    const times = await measureLoad(workload, engines, isQuick ? 1 : 5)
    for (const [engine, value] of times) add(engine, 'load', value)
  }
  if (metrics.has('memory') && WEIGHED.includes(workload)) {
    for (const engine of engines) add(engine, 'memory', await measureMemory({ workload, engine }))
  }
  if (metrics.has('garbage') && (!isQuick || QUICKLY_LITTERED.includes(workload))) {
    const littering = isQuick
      ? ['edict']
      : LITTERED_BY_PEERS.includes(workload)
        ? deciding
        : ['edict', 'floor']
    for (const engine of littering) {
      if (!engines.includes(engine)) continue
      add(engine, 'garbage', await measureGarbage({ workload, engine, verifyMs: settings.verifyMs }))
    }
  }
  return { results, skipped, shortened }
}
