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

/**
 * Asks until the list or the time is at its end.
 * @throws Error where a decision differs
 */
export function verify(asker: Asker, workload: Workload, budgetMs: number): Verified {
  const isAllowed = workload.createFloor()
  const expected: boolean[] = []
  const times: number[] = []
  const startedAt = performance.now()
  for (const [index, request] of workload.requests.entries()) {
    if (performance.now() - startedAt > budgetMs && index > 0) break
    asker.ready?.(index)
    const askedAt = performance.now()
    const decision = asker.decide(index)
    times.push(performance.now() - askedAt)
    if (decision !== isAllowed(request)) {
      throw new Error(`expected ${isAllowed(request)}, got ${decision} for ${JSON.stringify(request)}`)
    }
    expected.push(decision)
  }
  return { count: expected.length, expected, medianMs: median(times) }
}
