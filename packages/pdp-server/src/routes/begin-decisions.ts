import { setImmediate } from 'node:timers/promises'
import type { BatchDecider, Decider } from '../decide/decider.ts'
import type { DecisionOrigin } from '../decide/decision-record.ts'
import { limitValidity } from '../decide/limit-validity.ts'
import type { Pdp } from '../decide/pdp.ts'
import type { Exchange } from '../middleware/gate.ts'
import { createUuid } from './create-uuid.ts'
import { tellState } from './tell-state.ts'

/** Starts the decisions of one exchange, and names them in headers: bodies hold nothing that changes by itself. */
export function beginDecisions(exchange: Exchange, pdp: Pdp): Decider {
  return nameExchange(exchange, pdp, pdp.begin)
}

/** The same for a batch, whose decisions share one budget of steps. */
export function beginBatch(exchange: Exchange, pdp: Pdp): BatchDecider {
  return nameExchange(exchange, pdp, pdp.beginBatch)
}

function nameExchange<T extends Decider>(
  exchange: Exchange,
  pdp: Pdp,
  begin: (origin?: DecisionOrigin) => T,
): T {
  const id = createUuid()
  const decider = begin(pdp.isObserved ? readOrigin(exchange, id) : undefined)
  exchange.decisionId = id
  exchange.setHeader('Edict-Decision-Id', id)
  exchange.setHeader('Edict-Policy-Version', decider.policyVersion)
  tellState(exchange, decider)
  // Nobody is to keep what may be out of date already.
  const factsUntil = decider.isStale ? Date.now() : exchange.factsUntil
  return factsUntil === undefined ? decider : limitValidity(decider, factsUntil)
}

function readOrigin({ header, caller }: Exchange, id: string): DecisionOrigin {
  return {
    id,
    traceparent: header('traceparent'),
    tracestate: header('tracestate'),
    caller: caller?.id,
    keyId: caller?.keyId,
  }
}

/** What is made of decisions, once their records are safe. No promise where nobody waits for records. */
export function afterRecord<T>(decider: Decider, made: T): T | Promise<T> {
  return decider.recorded()?.then(() => made) ?? made
}

const TURN_MS = 20

/** A pause for other requests, once a batch has had its turn; else undefined. Answers do not depend on it. */
export function createTurns(): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < TURN_MS) return undefined
    return setImmediate().then(() => {
      since = performance.now()
    })
  }
}
