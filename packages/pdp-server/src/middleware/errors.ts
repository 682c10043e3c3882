import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Log } from '../telemetry/log.ts'
import { type Problem, toProblem, toProblemOfError } from '../wire/problem.ts'
import { type Reply, toProblemReply } from '../wire/reply.ts'

/**
 * What a request that failed is answered with: whatever was thrown becomes problem details. INVARIANT: never a
 * decision. Only what is a fault of the service is logged, and only there does its cause stand.
 */
export function toReportedProblem(
  error: unknown,
  { method, path }: { readonly method: string; readonly path: string },
  log: Log,
): Problem {
  const problem = toProblemOfError(error)
  if (problem.status >= 500 && problem.status !== 503) {
    log.error({ err: error, method, path }, 'a request failed')
  }
  return problem
}

/** The last resort of a request. */
export function createErrorHandler(log: Log): ErrorHandler {
  return (error, c) => sendProblem(c, toReportedProblem(error, c.req, log))
}

export const answerNotFound: NotFoundHandler = (c) =>
  sendProblem(c, toProblem(404, `there is nothing at ${c.req.path.slice(0, 200)}`))

export function sendProblem(
  c: Context,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const request = { path: c.req.path, header: (name: string) => c.req.header(name) }
  return sendReply(c, toProblemReply(problem, request), headers)
}

export function sendReply(
  c: Context,
  { status, contentType, body }: Reply,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(body, status as ContentfulStatusCode, { ...headers, 'Content-Type': contentType })
}
