import type { IncomingMessage } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'
import type { Log } from '../telemetry/log.ts'
import { sendProblem } from './errors.ts'
import {
  type Exchange,
  type Gate,
  type Observer,
  passGates,
  type SocketTrust,
  tellObservers,
} from './gate.ts'

/** What every exchange goes through, whoever answers it. */
export interface ExchangeRules {
  /** Asked in turn. */
  readonly gates: readonly Gate[]
  readonly observers: readonly Observer[]
  readonly log: Log
}

/** Hono's form of an exchange: gates before the routes, observers after them. */
export function createExchangeMiddleware({ gates, observers, log }: ExchangeRules): MiddlewareHandler {
  return async (c, next) => {
    const startedAt = performance.now()
    const exchange = toExchange(c)
    c.set(KEY, exchange)
    const refusal = await passGates(gates, exchange, log)
    if (refusal === undefined) await next()
    else c.res = sendProblem(c, refusal)
    tellObservers(observers, exchange, c.res.status, startedAt, log)
  }
}

/** The exchange that a handler is part of. */
export function exchangeOf(c: Context): Exchange {
  return c.get(KEY)
}

const KEY = 'exchange'

function toExchange(c: Context): Exchange {
  const env = (c.env ?? {}) as SocketTrust & { readonly incoming?: IncomingMessage }
  return {
    method: c.req.method,
    path: c.req.path,
    header: (name) => c.req.header(name),
    incoming: env.incoming,
    trustsHost: env.trustsHost,
    setHeader: (name, value) => c.header(name, value),
  }
}
