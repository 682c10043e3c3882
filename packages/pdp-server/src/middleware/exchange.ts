import type { IncomingMessage } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'
import type { Log } from '../telemetry/log.ts'
import { readBytes } from '../wire/read-body.ts'
import { sendProblem, toReportedProblem } from './errors.ts'
import {
  type Exchange,
  type Gate,
  type Observer,
  passGates,
  type Refusal,
  type SocketTrust,
  tellObservers,
} from './gate.ts'

/** What every exchange goes through, whoever answers it. */
export interface ExchangeRules {
  /** Asked in turn. */
  readonly gates: readonly Gate[]
  readonly observers: readonly Observer[]
  readonly log: Log
  /** A longer body is refused. */
  readonly maxBodyBytes: number
}

/** Hono's form of an exchange: gates before the routes, observers after them. */
export function createExchangeMiddleware(rules: ExchangeRules): MiddlewareHandler {
  const { gates, observers, log } = rules
  return async (c, next) => {
    const startedAt = performance.now()
    const exchange = toExchange(c)
    c.set(KEY, exchange)
    const refusal = (await passGates(gates, exchange, log)) ?? (await passBytes(c, exchange, rules))
    if (refusal === undefined) await next()
    else c.res = sendProblem(c, refusal)
    tellObservers(observers, exchange, c.res.status, startedAt, log)
  }
}

/** Reads the body where a gate wants its bytes, whatever route it is for, and leaves it to the route to read again. */
async function passBytes(
  c: Context,
  exchange: Exchange,
  { maxBodyBytes, log }: ExchangeRules,
): Promise<Refusal> {
  const { checkBytes } = exchange
  if (checkBytes === undefined) return undefined
  try {
    const { raw } = c.req
    if (raw.body === null) {
      checkBytes(new Uint8Array())
      return undefined
    }
    const bytes = await readBytes(raw, maxBodyBytes)
    checkBytes(bytes)
    c.req.raw = new Request(raw.url, {
      method: raw.method,
      headers: raw.headers,
      body: bytes as Uint8Array<ArrayBuffer>,
    })
    return undefined
  } catch (error) {
    return toReportedProblem(error, exchange, log)
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
