// Endpoints that take a JSON object and answer with JSON: functions that know of no framework, so that Hono's routes
// and the server itself answer with the same ones.
import type { OpenAPIHono } from '@hono/zod-openapi'
import { guardBody } from '../middleware/body-gate.ts'
import { sendReply } from '../middleware/errors.ts'
import { exchangeOf } from '../middleware/exchange.ts'
import type { Exchange } from '../middleware/gate.ts'
import { checkHead, type JsonBody, parseBody, readBytes, type TypeCode } from '../wire/read-body.ts'
import { toJsonReply } from '../wire/reply.ts'
import { addRoute, type Route, type RouteContext } from './route.ts'

export interface JsonEndpoint {
  readonly path: string
  /** What a wrong Content-Type is: HTTP has 415 for it, AuthZEN 1.0 §10.1 knows 400 alone. */
  readonly typeCode: TypeCode
  /** The answer as JSON text; waits only where it must. What it throws becomes problem details. */
  readonly answer: (body: JsonBody, exchange: Exchange) => string | Promise<string>
}

/**
 * Adds an endpoint as a route of Hono's, with its entry in the OpenAPI document. Gives it as it is to be answered
 * everywhere: behind the gates that look at bodies.
 */
export function addJsonEndpoint(
  app: OpenAPIHono,
  { limits, bodyGates }: RouteContext,
  endpoint: JsonEndpoint,
  description: Omit<Route, 'method' | 'path' | 'handler'>,
): JsonEndpoint {
  const guarded = guardBody(endpoint, bodyGates)
  const { path, typeCode, answer } = guarded
  addRoute(app, {
    ...description,
    method: 'post',
    path,
    handler: async (c) => {
      const exchange = exchangeOf(c)
      checkHead(exchange.header, typeCode)
      const body = parseBody(await readBytes(c.req.raw, limits.maxBodyBytes), limits.maxDepth)
      return sendReply(c, toJsonReply(await answer(body, exchange)))
    },
  })
  return guarded
}
