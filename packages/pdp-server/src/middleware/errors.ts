import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { accepts } from 'hono/accepts'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Log } from '../telemetry/log.ts'
import { type Problem, toProblem, toProblemOfError } from '../wire/problem.ts'

/**
 * The last resort of a request: whatever was thrown becomes problem details. INVARIANT: never a decision.
 * Only what is a fault of the service is logged, and only there does its cause stand.
 */
export function createErrorHandler(log: Log): ErrorHandler {
  return (error, c) => {
    const problem = toProblemOfError(error)
    if (problem.status >= 500 && problem.status !== 503) {
      log.error({ err: error, method: c.req.method, path: c.req.path }, 'a request failed')
    }
    return sendProblem(c, problem)
  }
}

export const answerNotFound: NotFoundHandler = (c) =>
  sendProblem(c, toProblem(404, `there is nothing at ${c.req.path.slice(0, 200)}`))

/** Problem details, or at AuthZEN endpoints the message alone for whoever prefers plain text (AuthZEN 1.0 §10.1.2). */
export function sendProblem(
  c: Context,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  if (c.req.path.startsWith(AUTHZEN_PATHS) && prefersText(c)) {
    return c.text(problem.detail, problem.status as ContentfulStatusCode, { ...headers })
  }
  return c.json(problem, problem.status as ContentfulStatusCode, {
    ...headers,
    'Content-Type': 'application/problem+json',
  })
}

const AUTHZEN_PATHS = '/access/v1/'

function prefersText(c: Context): boolean {
  const supports = ['application/problem+json', 'application/json', 'text/plain']
  return accepts(c, { header: 'Accept', supports, default: 'application/problem+json' }) === 'text/plain'
}
