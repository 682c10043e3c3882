import type { OpenAPIHono } from '@hono/zod-openapi'
import type { BatchDecider, Decider } from '../decide/decider.ts'
import type { Log } from '../telemetry/log.ts'
import {
  type EvaluationBatch,
  type EvaluationForm,
  evaluationsRequestSchema,
  type Semantic,
  stepsToInherit,
  toBatch,
  toBatchItem,
  toEvaluation,
  toItemError,
} from '../wire/authzen.ts'
import { toProblemOfError } from '../wire/problem.ts'
import type { JsonBody } from '../wire/read-body.ts'
import { afterRecord, beginBatch, beginDecisions, createTurns } from './begin-decisions.ts'
import { addJsonEndpoint, type JsonEndpoint } from './json-endpoint.ts'
import { BODY_PROBLEMS, type RouteContext } from './route.ts'

export const EVALUATIONS_PATH = '/access/v1/evaluations'

/** AuthZEN 1.0 §7: many decisions, or one where there are no items. */
export function addEvaluationsRoute(app: OpenAPIHono, context: RouteContext): JsonEndpoint {
  const { pdp, limits, evaluationForm } = context
  const endpoint: JsonEndpoint = {
    path: EVALUATIONS_PATH,
    typeCode: 'malformed-request',
    answer: (body, exchange) => {
      const batch = toBatch(body, limits.maxBatchLength)
      if (batch.items.length > 0) return runBatch(beginBatch(exchange, pdp), body, batch, context)
      const request = toEvaluation(body)
      const decider = beginDecisions(exchange, pdp)
      return afterRecord(decider, evaluationForm.serialize(decider.decide(request)))
    },
  }
  return addJsonEndpoint(app, context, endpoint, {
    summary: 'Access evaluations (AuthZEN 1.0)',
    request: evaluationsRequestSchema,
    response: evaluationForm.batchResponse,
    problems: BODY_PROBLEMS,
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
  { log, evaluationForm }: RouteContext,
): Promise<string> {
  const takeTurn = createTurns()
  const steps = stepsToInherit(body)
  const evaluations: string[] = []
  for (const [index, item] of items.entries()) {
    decider.charge(steps)
    const { decision, text } = evaluateItem(decider, { body, item, index }, evaluationForm, log)
    evaluations.push(text)
    if (decision === LAST_DECISION[semantic]) break
    const turn = takeTurn()
    if (turn !== undefined) await turn
  }
  await decider.recorded()
  return `{"evaluations":[${evaluations.join(',')}]}`
}

interface Item {
  /** The whole batch, of which an item inherits. */
  readonly body: JsonBody
  readonly item: unknown
  readonly index: number
}

/** An item that fails is a deny, and leaves the others alone. */
function evaluateItem(
  decider: Decider,
  { body, item, index }: Item,
  form: EvaluationForm,
  log: Log,
): { readonly decision: boolean; readonly text: string } {
  try {
    const answer = decider.decide(toBatchItem(body, item, index), index)
    return { decision: answer.decision === 'allow', text: form.serialize(answer) }
  } catch (error) {
    const problem = toProblemOfError(error)
    if (problem.status >= 500) log.error({ err: error, index }, 'an item of a batch failed')
    return { decision: false, text: JSON.stringify(toItemError(problem)) }
  }
}
