import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
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

export function sendProblem(
  c: Context,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.json(problem, problem.status as ContentfulStatusCode, {
    ...headers,
    'Content-Type': 'application/problem+json',
  })
}
