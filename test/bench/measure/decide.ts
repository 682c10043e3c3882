// Time per decision: all engines of a workload stand ready in their processes and take turns, sample by sample, so
// that whatever else the machine does hits them alike.
import { cpus } from 'node:os'
import type { DecideReply, DecideTask, Heat } from './decide-worker.ts'
import { median } from './statistics.ts'
import { startWorker, type WorkerClient } from './worker-client.ts'

export interface DecideOptions {
  readonly workload: string
  readonly engines: readonly string[]
  readonly samples: number
  readonly sampleMs: number
  /** How long an engine may be asked before it is timed. */
  readonly verifyMs: number
}
export interface DecideTimes {
  readonly engine: string
  /** Nanoseconds per decision, the median over samples. */
  readonly cold: number
  readonly hot: number
  readonly verified: number
}
export interface SkippedEngine {
  readonly engine: string
  readonly reason: string
}
interface Ready {
  readonly engine: string
  readonly worker: WorkerClient<DecideReply>
  readonly verified: number
  readonly samples: Record<Heat, number[]>
}

export async function measureDecide(
  options: DecideOptions,
): Promise<{ readonly times: readonly DecideTimes[]; readonly skipped: readonly SkippedEngine[] }> {
  const { skipped, ready } = await startEngines(options)
  try {
    // The first turn warms up and is thrown away.
    for (let turn = 0; turn <= options.samples; turn++) {
      for (const one of ready) {
        await takeTurn(one, 'cold', turn > 0)
        await takeTurn(one, 'hot', turn > 0)
      }
    }
  } finally {
    for (const { worker } of ready) worker.stop()
  }
  const times = ready.map(({ engine, verified, samples }) => ({
    engine,
    verified,
    cold: median(samples.cold),
    hot: median(samples.hot),
  }))
  return { times, skipped }
}

async function startEngines(
  options: DecideOptions,
): Promise<{ readonly ready: readonly Ready[]; readonly skipped: readonly SkippedEngine[] }> {
  const skipped: SkippedEngine[] = []
  const ready: Ready[] = []
  const start = async (engine: string): Promise<void> => {
    const task: DecideTask = { engine, ...pickTask(options) }
    const worker = startWorker<DecideReply>('decide-worker.ts', task)
    const reply = await worker.receive()
    if (reply.kind === 'ready') {
      ready.push({ engine, worker, verified: reply.verified, samples: { cold: [], hot: [] } })
      return
    }
    worker.stop()
    if (reply.kind !== 'skipped') throw new Error(`${options.workload}, ${engine}: ${toMessage(reply)}`)
    skipped.push({ engine, reason: reply.reason })
  }
  try {
    // Nothing is timed yet, so as many start at once as there are cores.
    const waiting = [...options.engines]
    const startNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await start(next)
    }
    await Promise.all(cpus().map(startNext))
  } catch (error) {
    for (const { worker } of ready) worker.stop()
    throw error
  }
  ready.sort((a, b) => options.engines.indexOf(a.engine) - options.engines.indexOf(b.engine))
  return { ready, skipped }
}

function pickTask({ workload, sampleMs, verifyMs }: DecideOptions) {
  return { workload, sampleMs, verifyMs }
}

async function takeTurn({ engine, worker, samples }: Ready, heat: Heat, counts: boolean): Promise<void> {
  const reply = worker.receive()
  worker.send(heat)
  const sample = await reply
  if (sample.kind !== 'sample') throw new Error(`${engine}: ${toMessage(sample)}`)
  if (counts) samples[heat].push(sample.nanoseconds)
}

function toMessage(reply: DecideReply): string {
  return reply.kind === 'failed' ? reply.message : `an unexpected ${reply.kind}`
}
