// Requests that another process answers: who asks is found out here, all else is done there.
import type { MiddlewareHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { readBytes } from '../wire/read-body.ts'
import { exchangeOf } from './exchange.ts'
import type { Caller } from './gate.ts'

export interface ForwardedRequest {
  readonly method: string
  /** Path and query, as they came. */
  readonly address: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  /** Undefined where nobody asked who it is. */
  readonly caller: Caller | undefined
}

export interface ForwardedReply {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface Forwarding {
  readonly isForwarded: (path: string) => boolean
  readonly forward: (request: ForwardedRequest) => Promise<ForwardedReply>
}

/** What there is to say besides the body. INVARIANT: no credential leaves this process. */
const HEADERS: readonly string[] = [
  'accept',
  'content-encoding',
  'content-type',
  'edict-min-data-number',
  'edict-min-policy-number',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'x-request-id',
]

/** Behind the gates, and before the routes. */
export function createForwarding(
  { isForwarded, forward }: Forwarding,
  maxBodyBytes: number,
): MiddlewareHandler {
  return async (c, next) => {
    if (!isForwarded(c.req.path)) return next()
    const { caller, method, header, incoming } = exchangeOf(c)
    const { pathname, search } = new URL(c.req.url)
    const reply = await forward({
      method,
      address: incoming?.url?.startsWith('/') === true ? incoming.url : `${pathname}${search}`,
      headers: HEADERS.flatMap((name) => {
        const value = header(name)
        return value === undefined ? [] : [[name, value] as const]
      }),
      body: c.req.raw.body === null ? new Uint8Array() : await readBytes(c.req.raw, maxBodyBytes),
      caller,
    })
    const body = reply.body === '' ? null : reply.body
    return c.newResponse(body, reply.status as StatusCode, Object.fromEntries(reply.headers))
  }
}
