import type { Log } from '../telemetry/log.ts'
import type { Observer } from './gate.ts'

/** One line a request. Neither bodies nor other headers, so that no token ever gets into a log. */
export function createAccessLog(log: Log): Observer {
  return ({ method, path, requestId, decisionId }, status, durationMs) => {
    const ms = Math.round(durationMs * 100) / 100
    log.info({ method, path, status, ms, requestId, decisionId }, 'request')
  }
}
