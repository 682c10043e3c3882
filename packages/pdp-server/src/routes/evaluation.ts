import type { OpenAPIHono } from '@hono/zod-openapi'
import { evaluationResponseSchema, toEvaluation, toEvaluationResponse } from '../wire/authzen.ts'
import { readJsonBody } from '../wire/read-body.ts'
import { evaluationRequestSchema } from '../wire/request-schema.ts'
import { beginDecisions } from './begin-decisions.ts'
import { addRoute, BODY_PROBLEMS, type RouteContext } from './route.ts'

export const EVALUATION_PATH = '/access/v1/evaluation'

/** AuthZEN 1.0 §6: one decision. */
export function addEvaluationRoute(app: OpenAPIHono, { pdp, limits }: RouteContext): void {
  addRoute(app, {
    method: 'post',
    path: EVALUATION_PATH,
    summary: 'Access evaluation (AuthZEN 1.0)',
    request: evaluationRequestSchema,
    response: evaluationResponseSchema,
    problems: BODY_PROBLEMS,
    handler: async (c) => {
      const body = await readJsonBody(c.req.raw, limits, 'malformed-request')
      const request = toEvaluation(body)
      const decider = beginDecisions(c, pdp)
      const answer = decider.decide(request)
      await decider.recorded()
      return c.json(toEvaluationResponse(answer))
    },
  })
}
