// Bytes allocated by a decision. The young generation is so big that nothing is collected while decisions are made, so
// the heap grows by exactly what they allocate; checked on a function that allocates a known amount.
import type { Asker } from '../engines/engine.ts'
import { importEngine } from '../engines/engines.ts'
import { createWorkload } from './create-workload.ts'
import { countAllowed } from './sample.ts'
import { median } from './statistics.ts'
import { verify } from './verify.ts'

export interface GarbageTask {
  readonly workload: string
  readonly engine: string
  readonly verifyMs: number
}
export type GarbageReply =
  | { readonly kind: 'measured'; readonly bytes: number; readonly bytesOfKnown: number }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly message: string }

/** Stay far below the room, whatever a decision allocates. */
const BYTES_OF_A_ROUND = 64 * 2 ** 20
const ROUNDS = 5
/** A slow engine makes fewer decisions: what one allocates hardly differs. */
const MS_OF_A_ROUND = 150
const WARM_UP_MS = 300

async function run({ workload: name, engine, verifyMs }: GarbageTask): Promise<GarbageReply> {
  const workload = createWorkload(name)
  const asker = await (await importEngine(engine)).prepare(workload)
  if (asker === undefined) return { kind: 'skipped' }
  const { count } = verify(asker, workload, verifyMs)
  return { kind: 'measured', bytes: measure(asker, count), bytesOfKnown: measureKnown() }
}

function measure(asker: Asker, count: number): number {
  const affordable = Math.ceil(warmUp(asker, count) * MS_OF_A_ROUND)
  const size = Math.min(count, affordable)
  const allowed = countAllowed(asker, size)
  // Checked, so that nothing of it can be left out.
  const ask = (): void => {
    if (countAllowed(asker, size) !== allowed) throw new Error('an engine changed its mind')
  }
  const trial = Math.max(1, grow(ask))
  const passes = Math.max(1, Math.floor(Math.min(affordable / size, BYTES_OF_A_ROUND / trial)))
  const rounds = Array.from({ length: ROUNDS }, () =>
    grow(() => {
      for (let pass = 0; pass < passes; pass++) ask()
    }),
  )
  return median(rounds) / (passes * size)
}

/** @returns decisions a millisecond */
function warmUp(asker: Asker, count: number): number {
  const startedAt = performance.now()
  let asked = 0
  do asker.decide(asked++ % count)
  while (performance.now() - startedAt < WARM_UP_MS)
  return asked / WARM_UP_MS
}

/** An object of two properties: header of three words, two words of properties. */
function measureKnown(): number {
  const objects: object[] = new Array(64).fill({})
  const decide = (index: number): boolean => {
    objects[index & 63] = { first: index, second: index }
    return true
  }
  return measure({ decide }, 10_000)
}

function grow(work: () => void): number {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  work()
  return process.memoryUsage().heapUsed - before
}

run(JSON.parse(process.argv[2] ?? ''))
  .catch((error: unknown): GarbageReply => ({ kind: 'failed', message: String(error) }))
  .then((reply) => process.send?.(reply))
