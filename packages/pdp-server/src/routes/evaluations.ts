import type { OpenAPIHono } from '@hono/zod-openapi'
import type { BatchDecider, Decider } from '../decide/decider.ts'
import type { Log } from '../telemetry/log.ts'
import {
  type EvaluationBatch,
  type EvaluationResponse,
  evaluationsRequestSchema,
  evaluationsResponseSchema,
  type Semantic,
  stepsToInherit,
  toBatch,
  toBatchItem,
  toEvaluation,
  toEvaluationResponse,
  toItemError,
} from '../wire/authzen.ts'
import { toProblemOfError } from '../wire/problem.ts'
import { type JsonBody, readJsonBody } from '../wire/read-body.ts'
import { beginBatch, beginDecisions, createTurns } from './begin-decisions.ts'
import { addRoute, BODY_PROBLEMS, type RouteContext } from './route.ts'

export const EVALUATIONS_PATH = '/access/v1/evaluations'

/** AuthZEN 1.0 §7: many decisions, or one where there are no items. */
export function addEvaluationsRoute(app: OpenAPIHono, { pdp, limits, log }: RouteContext): void {
  addRoute(app, {
    method: 'post',
    path: EVALUATIONS_PATH,
    summary: 'Access evaluations (AuthZEN 1.0)',
    request: evaluationsRequestSchema,
    response: evaluationsResponseSchema,
    problems: BODY_PROBLEMS,
    handler: async (c) => {
      const body = await readJsonBody(c.req.raw, limits, 'malformed-request')
      const batch = toBatch(body, limits.maxBatchLength)
      if (batch.items.length === 0) {
        const request = toEvaluation(body)
        const decider = beginDecisions(c, pdp)
        const answer = decider.decide(request)
        await decider.recorded()
        return c.json(toEvaluationResponse(answer))
      }
      return c.json({ evaluations: await runBatch(beginBatch(c, pdp), body, batch, log) })
    },
  })
}

/** The decision after which a batch ends; the answer ends with it (AuthZEN 1.0 §7.1.2.1). */
const LAST_DECISION: Readonly<Record<Semantic, boolean | undefined>> = {
  execute_all: undefined,
  deny_on_first_deny: false,
  permit_on_first_permit: true,
}

async function runBatch(
  decider: BatchDecider,
  body: JsonBody,
  { items, semantic }: EvaluationBatch,
  log: Log,
): Promise<readonly EvaluationResponse[]> {
  const takeTurn = createTurns()
  const steps = stepsToInherit(body)
  const evaluations: EvaluationResponse[] = []
  for (const [index, item] of items.entries()) {
    decider.charge(steps)
    const evaluation = evaluateItem(decider, body, item, index, log)
    evaluations.push(evaluation)
    if (evaluation.decision === LAST_DECISION[semantic]) break
    await takeTurn()
  }
  await decider.recorded()
  return evaluations
}

/** An item that fails is a deny, and leaves the others alone. */
function evaluateItem(
  decider: Decider,
  body: JsonBody,
  item: unknown,
  index: number,
  log: Log,
): EvaluationResponse {
  try {
    return toEvaluationResponse(decider.decide(toBatchItem(body, item, index), index))
  } catch (error) {
    const problem = toProblemOfError(error)
    if (problem.status >= 500) log.error({ err: error, index }, 'an item of a batch failed')
    return toItemError(problem)
  }
}
