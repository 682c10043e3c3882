// Makes a policy set ready before it decides, in pieces between which requests are answered: what it makes then, no
// decision waits for.
import { setImmediate } from 'node:timers/promises'
import type { EntityStore, PolicySet } from '@edict/policy-lang/program'

export interface WarmUpOptions {
  readonly policySet: PolicySet
  /** What it will decide by. */
  readonly entities: EntityStore | undefined
  /** What decides until then: what that was asked about, this one will be. */
  readonly before: PolicySet
  readonly signal: AbortSignal
  /** Milliseconds. Default 200: a state that takes rights away is not to wait for longer. */
  readonly maxMs?: number
}

const MAX_MS = 200
/** How long steps are taken without a pause. As long as one request, so that none seems slow beside the others. */
const TURN_MS = 1

/** Ends once it is ready, or its time is up: what is missing then is made when it is asked for. */
export async function warmUp(options: WarmUpOptions): Promise<void> {
  const { policySet, entities, before, signal, maxMs = MAX_MS } = options
  // To one that decides, other data than its own is no help.
  if (policySet === before) return
  const end = performance.now() + maxMs
  let turnEnd = 0
  for (const _ of policySet.prepare(before.inUse(), entities)) {
    if (performance.now() < turnEnd) continue
    await setImmediate()
    const now = performance.now()
    if (signal.aborted || now > end) return
    turnEnd = now + TURN_MS
  }
}
