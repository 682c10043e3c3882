import type { Answer, Explanation } from '@edict/policy-lang/program'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Decider } from '../decide/decider.ts'
import type { Limits } from '../limits.ts'
import { answerSchema, explanationSchema } from '../wire/answer-schema.ts'
import { type Problem, problemSchema, toProblemOfError } from '../wire/problem.ts'
import { type JsonBody, readJsonBody, requireJsonObject } from '../wire/read-body.ts'
import {
  checkListLengths,
  checkShape,
  decideBatchRequestSchema,
  decideRequestSchema,
  malformedRequest,
  toDecideQuestion,
} from '../wire/request-schema.ts'
import { beginBatch, beginDecisions, createTurns } from './begin-decisions.ts'
import { addRoute, BODY_PROBLEMS, type RouteContext } from './route.ts'

const responseSchema = z.union([
  answerSchema,
  explanationSchema,
  z
    .object({ answers: z.array(z.union([answerSchema, explanationSchema, problemSchema])) })
    .openapi('DecideBatchResponse'),
])

/** `POST /decide`: one question or many, with the engine's whole answer. */
export function addDecideRoute(app: OpenAPIHono, { pdp, limits, log }: RouteContext): void {
  addRoute(app, {
    method: 'post',
    path: '/decide',
    summary: 'Decide one question, or many',
    description:
      'With `requests`, the answers come in `answers`, each exactly as it would come alone, ' +
      'unless the steps that they share are used up: the rest are denials `budgetExceeded`. ' +
      'The header `Edict-Decision-Id` names the exchange.',
    request: z.union([decideRequestSchema, decideBatchRequestSchema]),
    response: responseSchema,
    problems: { ...BODY_PROBLEMS, 415: 'The Content-Type is not application/json' },
    handler: async (c) => {
      const body = await readJsonBody(c.req.raw, limits)
      const requests = readRequests(body, limits.maxBatchLength)
      if (requests === undefined) {
        const decider = beginDecisions(c, pdp)
        const answer = answerOne(decider, limits, { body })
        await decider.recorded()
        return c.json(answer)
      }
      const decider = beginBatch(c, pdp)
      const takeTurn = createTurns()
      const answers: (Answer | Explanation | Problem)[] = []
      for (const [index, request] of requests.entries()) {
        const onFault = (error: unknown) => log.error({ err: error, index }, ITEM_FAILED)
        const item = { body: request, index, defaultExplain: body.explain }
        answers.push(answerItem(decider, limits, item, onFault))
        await takeTurn()
      }
      await decider.recorded()
      return c.json({ answers })
    },
  })
}

const ITEM_FAILED = 'an item of a batch failed'

const batchShape = z.object({
  requests: z.array(z.unknown(), { error: 'must be an array' }),
  explain: decideRequestSchema.shape.explain,
})

/** The items of a batch; undefined where the body is a single question. */
function readRequests(body: JsonBody, maxLength: number): readonly unknown[] | undefined {
  if (!Object.hasOwn(body, 'requests') || body.requests === null) return undefined
  checkListLengths([{ path: '$.requests', value: body.requests }], maxLength, 'answered')
  checkShape(batchShape, body)
  return (body as z.infer<typeof batchShape>).requests
}

interface Question {
  readonly body: unknown
  /** Its place in a batch. */
  readonly index?: number
  readonly defaultExplain?: unknown
}

function answerOne(
  decider: Decider,
  limits: Limits,
  { body, index, defaultExplain }: Question,
): Answer | Explanation {
  const { request, explain, trace } = toDecideQuestion(body, defaultExplain, limits)
  return explain ? decider.explain(request, { trace }, index) : decider.decide(request, index)
}

/** An item that fails is problem details, and leaves the others alone. */
function answerItem(
  decider: Decider,
  limits: Limits,
  item: Question,
  onFault: (error: unknown) => void,
): Answer | Explanation | Problem {
  try {
    const body = requireJsonObject(item.body)
    if (Object.hasOwn(body, 'requests') && body.requests !== null) {
      throw malformedRequest([{ path: '$.requests', detail: 'cannot stand within a batch' }])
    }
    return answerOne(decider, limits, item)
  } catch (error) {
    const problem = toProblemOfError(error)
    if (problem.status >= 500) onFault(error)
    return problem
  }
}
