// Before anything is timed, every decision is compared with what the hand-written function says.
import type { Asker } from '../engines/engine.ts'
import type { Workload } from '../workloads/workload.ts'
import { median } from './statistics.ts'

export interface Verified {
  /** How many requests, from the first on, were asked and answered rightly: only these are timed. */
  readonly count: number
  readonly expected: readonly boolean[]
  /** Milliseconds of a decision, the median: a first one may build what later ones find. */
  readonly medianMs: number
}

/** What an engine is spared may take this many times as long to make as it is asked. */
const SPARED_SHARE = 10

/**
 * Asks until the list is at its end, or the time for decisions, or that for all that is made before them.
 * @throws Error where a decision differs
 */
export function verify(asker: Asker, workload: Workload, budgetMs: number): Verified {
  const isAllowed = workload.createFloor()
  const expected: boolean[] = []
  const times: number[] = []
  let decidingMs = 0
  const startedAt = performance.now()
  for (const [index, request] of workload.requests.entries()) {
    const totalMs = performance.now() - startedAt
    if (index > 0 && (decidingMs > budgetMs || totalMs > budgetMs * SPARED_SHARE)) break
    asker.ready?.(index)
    const askedAt = performance.now()
    const decision = asker.decide(index)
    const decidedInMs = performance.now() - askedAt
    decidingMs += decidedInMs
    times.push(decidedInMs)
    if (decision !== isAllowed(request)) {
      throw new Error(`expected ${isAllowed(request)}, got ${decision} for ${JSON.stringify(request)}`)
    }
    expected.push(decision)
  }
  return { count: expected.length, expected, medianMs: median(times) }
}
