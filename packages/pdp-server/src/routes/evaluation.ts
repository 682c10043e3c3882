import type { OpenAPIHono } from '@hono/zod-openapi'
import { toEvaluation } from '../wire/authzen.ts'
import { evaluationRequestSchema } from '../wire/request-schema.ts'
import { afterRecord, beginDecisions } from './begin-decisions.ts'
import { addJsonEndpoint, type JsonEndpoint } from './json-endpoint.ts'
import { BODY_PROBLEMS, type RouteContext } from './route.ts'

export const EVALUATION_PATH = '/access/v1/evaluation'

/** AuthZEN 1.0 §6: one decision. */
export function addEvaluationRoute(app: OpenAPIHono, context: RouteContext): JsonEndpoint {
  const { pdp, evaluationForm } = context
  const endpoint: JsonEndpoint = {
    path: EVALUATION_PATH,
    typeCode: 'malformed-request',
    answer: (body, exchange) => {
      const request = toEvaluation(body)
      const decider = beginDecisions(exchange, pdp)
      return afterRecord(decider, evaluationForm.serialize(decider.decide(request)))
    },
  }
  return addJsonEndpoint(app, context, endpoint, {
    summary: 'Access evaluation (AuthZEN 1.0)',
    request: evaluationRequestSchema,
    response: evaluationForm.response,
    problems: BODY_PROBLEMS,
  })
}
