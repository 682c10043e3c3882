// How much of the heap the loaded policies of one workload hold. The library's code is warm before, and the text comes
// from a file while the clock runs, so that it counts where the engine keeps it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { LoadingPlan } from '../engines/engine.ts'
import { importEngine } from '../engines/engines.ts'
import { createWorkload } from './create-workload.ts'

export interface MemoryTask {
  readonly workload: string
  readonly engine: string
}
export type MemoryReply =
  | { readonly kind: 'measured'; readonly bytesOfRule: number }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly message: string }

/** Loaded first and dropped: what an engine makes once for all policies is none of these policies' memory. */
const WARM_UP = 'abac-types-100'

async function run({ workload, engine }: MemoryTask): Promise<MemoryReply> {
  const prepared = await prepare(workload, engine)
  if (prepared === undefined) return { kind: 'skipped' }
  const { plan, folder, file, ruleCount } = prepared
  const before = await countBytes()
  const loaded = await plan.load(readFileSync(file, 'utf8'))
  const after = await countBytes()
  rmSync(folder, { recursive: true })
  // Asked for after the count, so that it is alive until then.
  if (loaded === null) throw new Error('nothing was loaded')
  return { kind: 'measured', bytesOfRule: (after - before) / ruleCount }
}

async function prepare(name: string, engineName: string) {
  const engine = await importEngine(engineName)
  const warmUp = await engine.planLoading?.(createWorkload(WARM_UP))
  if (warmUp === undefined || warmUp.isOutsideHeap) return undefined
  await warmUp.load(warmUp.source)
  const workload = createWorkload(name)
  const plan = await engine.planLoading?.(workload)
  if (plan === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'edict-bench-'))
  const file = join(folder, 'policies')
  writeFileSync(file, plan.source)
  const load: LoadingPlan['load'] = plan.load
  return { plan: { load }, folder, file, ruleCount: workload.ruleCount }
}

async function countBytes(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.()
    await wait(20)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

run(JSON.parse(process.argv[2] ?? ''))
  .catch((error: unknown): MemoryReply => ({ kind: 'failed', message: String(error) }))
  .then((reply) => process.send?.(reply))
