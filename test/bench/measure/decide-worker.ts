// A process of one engine and one workload: verifies, warms up, then takes a sample whenever it is asked to.
import { importEngine } from '../engines/engines.ts'
import { createWorkload } from './create-workload.ts'
import { calibrate, takeSample, type Window } from './sample.ts'
import { verify } from './verify.ts'

export interface DecideTask {
  readonly workload: string
  readonly engine: string
  readonly sampleMs: number
  readonly verifyMs: number
}
/** What a sample is taken over: all requests, or a few again and again. */
export type Heat = 'cold' | 'hot'
export type DecideReply =
  | { readonly kind: 'ready'; readonly verified: number }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'sample'; readonly nanoseconds: number }
  | { readonly kind: 'failed'; readonly message: string }

/** What is measured beside peers, with all requests and a long warm-up, also in a short run. */
const NEVER_SHORTENED = ['edict', 'floor']
const HOT_REQUESTS = 16
/** A compiler that has little to say at first may come back late. */
const WARM_UP_MS = 300
/** Three decisions of a sample may take this long. */
const SLOWEST_SAMPLE_MS = 4000

function reply(message: DecideReply): void {
  process.send?.(message)
}

async function start(task: DecideTask): Promise<void> {
  const workload = createWorkload(task.workload)
  const asker = await (await importEngine(task.engine)).prepare(workload)
  if (asker === undefined) return reply({ kind: 'skipped', reason: 'it cannot say this' })
  // Edict and the floor answer everything, however long it takes: their ratio must be one over the same requests.
  const isOwn = NEVER_SHORTENED.includes(task.engine)
  const budgetMs = isOwn ? Number.POSITIVE_INFINITY : task.verifyMs
  const warmUpMs = isOwn ? WARM_UP_MS : Math.min(WARM_UP_MS, 2 * task.sampleMs)
  const { count, expected, medianMs } = verify(asker, workload, budgetMs)
  const toWindow = (size: number): Window => ({
    asker,
    size,
    allowed: expected.slice(0, size).filter(Boolean).length,
  })
  // A slow engine is timed on fewer of the requests that it was verified on, never on others.
  const isSlow = count < workload.requests.length
  const size = isSlow ? Math.min(count, Math.max(3, Math.ceil(task.sampleMs / medianMs))) : count
  if (medianMs * 3 > SLOWEST_SAMPLE_MS) {
    const seconds = (medianMs / 1000).toFixed(1)
    return reply({ kind: 'skipped', reason: `one decision takes about ${seconds} s` })
  }
  const windows = { cold: toWindow(size), hot: toWindow(Math.min(size, HOT_REQUESTS)) }
  const passes: Partial<Record<Heat, number>> = {}
  process.on('message', (heat: Heat) => {
    try {
      passes[heat] ??= calibrate(windows[heat], task.sampleMs, warmUpMs)
      reply({ kind: 'sample', nanoseconds: takeSample(windows[heat], passes[heat]) })
    } catch (error) {
      reply({ kind: 'failed', message: String(error) })
    }
  })
  reply({ kind: 'ready', verified: size })
}

start(JSON.parse(process.argv[2] ?? '')).catch((error: unknown) =>
  reply({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
)
