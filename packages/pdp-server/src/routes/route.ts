import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Handler } from 'hono'
import type { SignMetadata } from '../authzen/metadata-signer.ts'
import type { Pdp } from '../decide/pdp.ts'
import type { Limits } from '../limits.ts'
import type { BodyGate } from '../middleware/body-gate.ts'
import { sendProblem } from '../middleware/errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { ReadinessProbe } from '../telemetry/readiness.ts'
import type { EvaluationForm } from '../wire/authzen.ts'
import { problemSchema, toProblem } from '../wire/problem.ts'

/** What routes work with. */
export interface RouteContext {
  readonly pdp: Pdp
  readonly limits: Limits
  readonly log: Log
  readonly bodyGates: readonly BodyGate[]
  /** The address under which others know this service (AuthZEN 1.0 §9). */
  readonly publicUrl: string | undefined
  /** Signs what is told of the service there. Undefined: nobody does. */
  readonly signMetadata: SignMetadata | undefined
  /** How the AuthZEN endpoints write answers. */
  readonly evaluationForm: EvaluationForm
  /** What `/readyz` asks besides whether a policy set is loaded. */
  readonly probes: readonly ReadinessProbe[]
}

export interface Route {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly request?: z.ZodType
  readonly response: z.ZodType
  /** Of the answer. Default `application/json`. */
  readonly contentType?: string
  /** Status codes that carry `response` too. Default: 200 alone. */
  readonly otherStatuses?: Readonly<Record<number, string>>
  /** Status codes with problem details, and what they mean. Default: any, without a word. */
  readonly problems?: Readonly<Record<number, string>>
  readonly handler: Handler
}

/** Adds a route: its handler, its entry in the OpenAPI document, and 405 for all other methods. */
export function addRoute(app: OpenAPIHono, route: Route): void {
  const { method, path, summary, description, request, handler } = route
  app.openAPIRegistry.registerPath({
    method,
    path,
    summary,
    ...(description !== undefined && { description }),
    request: {
      headers: request === undefined ? requestHeaders : decisionHeaders,
      ...(request !== undefined && {
        body: { required: true, content: { 'application/json': { schema: request } } },
      }),
    },
    responses: describeResponses(route),
  })
  if (method === 'get') app.get(path, handler)
  else app.post(path, handler)
  const allow = method === 'get' ? 'GET, HEAD' : 'POST'
  app.all(path, (c) =>
    sendProblem(c, toProblem(405, `${c.req.method} is not answered here, but ${allow}`), { Allow: allow }),
  )
}

const requestHeaders = z.object({
  'X-Request-ID': z
    .string()
    .max(256)
    .regex(/^[\x20-\x7e]*$/)
    .optional()
    .openapi({ description: 'Any text; the answer carries it too, whatever the answer is' }),
})

const decisionHeaders = requestHeaders.extend({
  traceparent: z.string().optional().openapi({
    description: 'W3C Trace Context; the decision log names the trace. What is none is not looked at',
  }),
})

function describeResponses(route: Route) {
  const { path, response, contentType = 'application/json', otherStatuses = {}, problems } = route
  const content = { [contentType]: { schema: response } }
  const meant = problems ?? { default: 'No answer, but why there is none' }
  return {
    200: { description: 'The answer', content },
    ...Object.fromEntries(
      Object.entries(otherStatuses).map(([status, meaning]) => [status, { description: meaning, content }]),
    ),
    ...Object.fromEntries(
      Object.entries(meant).map(([status, meaning]) => [
        status,
        { description: meaning, content: problemContent(path) },
      ]),
    ),
  }
}

/** AuthZEN endpoints give the message alone to whoever prefers text. */
function problemContent(path: string): Readonly<Record<string, { readonly schema: z.ZodType }>> {
  const content = { 'application/problem+json': { schema: problemSchema } }
  return path.startsWith('/access/') ? { ...content, 'text/plain': { schema: z.string() } } : content
}

/** What a route that reads a body may answer besides the answer. */
export const BODY_PROBLEMS = {
  400: 'The request is malformed; `errors` names each place',
  401: 'The caller does not say who it is, where it must',
  403: 'The caller lacks the scope',
  412: 'The policies or data here are of a lower number than the request needs',
  413: 'The body is too large',
  429: 'Too many bad credentials, or too many requests',
  500: 'The service failed; this is no decision',
  503: 'No policy set is loaded yet or none that is current, or something that is needed cannot be reached',
} as const
