import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Context } from 'hono'
import type { BatchDecider, Decider } from '../decide/decider.ts'
import type { DecisionOrigin } from '../decide/decision-record.ts'
import type { Pdp } from '../decide/pdp.ts'

/** Starts the decisions of one exchange, and names them in headers: bodies hold nothing that changes by itself. */
export function beginDecisions(c: Context, pdp: Pdp): Decider {
  return nameExchange(c, pdp, pdp.begin)
}

/** The same for a batch, whose decisions share one budget of steps. */
export function beginBatch(c: Context, pdp: Pdp): BatchDecider {
  return nameExchange(c, pdp, pdp.beginBatch)
}

function nameExchange<T extends Decider>(c: Context, pdp: Pdp, begin: (origin?: DecisionOrigin) => T): T {
  const id = randomUUID()
  const decider = begin(pdp.isObserved ? readOrigin(c, id) : undefined)
  c.header('Edict-Decision-Id', id)
  c.header('Edict-Policy-Version', decider.policyVersion)
  return decider
}

function readOrigin(c: Context, id: string): DecisionOrigin {
  return { id, traceparent: c.req.header('traceparent'), tracestate: c.req.header('tracestate') }
}

const TURN_MS = 20

/** A pause for other requests, once a batch has had its turn. Answers do not depend on it. */
export function createTurns(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < TURN_MS) return
    await setImmediate()
    since = performance.now()
  }
}
