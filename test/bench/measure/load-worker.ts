// A fresh process that loads one workload's policies once and tells how long that took. Everything but the policies is
// there before the clock starts: the process, the library's code, the text.
import { importEngine } from '../engines/engines.ts'
import { createWorkload } from './create-workload.ts'

export interface LoadTask {
  readonly workload: string
  readonly engine: string
}
export type LoadReply =
  | { readonly kind: 'loaded'; readonly milliseconds: number }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly message: string }

async function run({ workload, engine }: LoadTask): Promise<LoadReply> {
  const { planLoading } = await importEngine(engine)
  const plan = await planLoading?.(createWorkload(workload))
  if (plan === undefined) return { kind: 'skipped' }
  // Processor time of the main thread: what others do on the machine must not count.
  const before = process.threadCpuUsage()
  await plan.load(plan.source)
  const { user, system } = process.threadCpuUsage(before)
  return { kind: 'loaded', milliseconds: (user + system) / 1e3 }
}

run(JSON.parse(process.argv[2] ?? ''))
  .catch((error: unknown): LoadReply => ({ kind: 'failed', message: String(error) }))
  .then((reply) => process.send?.(reply))
