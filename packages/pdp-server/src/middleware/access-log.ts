import type { MiddlewareHandler } from 'hono'
import type { Log } from '../telemetry/log.ts'

/** One line a request. Neither bodies nor other headers, so that no token ever gets into a log. */
export function createAccessLog(log: Log): MiddlewareHandler {
  return async (c, next) => {
    const startedAt = performance.now()
    await next()
    const decisionId = c.res.headers.get('Edict-Decision-Id') ?? undefined
    const requestId = c.res.headers.get('X-Request-ID') ?? undefined
    const ms = Math.round((performance.now() - startedAt) * 100) / 100
    log.info(
      { method: c.req.method, path: c.req.path, status: c.res.status, ms, requestId, decisionId },
      'request',
    )
  }
}
