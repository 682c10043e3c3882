import type { Answer, Explanation } from '@edict/policy-lang/program'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Decider } from '../decide/pdp.ts'
import { answerSchema, explanationSchema } from '../wire/answer-schema.ts'
import { type Problem, problemSchema, toProblemOfError } from '../wire/problem.ts'
import { isJsonObject, type JsonBody, readJsonBody } from '../wire/read-body.ts'
import {
  checkShape,
  decideBatchRequestSchema,
  decideRequestSchema,
  malformedRequest,
  toDecideQuestion,
} from '../wire/request-schema.ts'
import { beginDecisions, createTurns } from './begin-decisions.ts'
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
      'With `requests`, the answers come in `answers`, each exactly as it would come alone. ' +
      'The header `Edict-Decision-Id` names the exchange.',
    request: z.union([decideRequestSchema, decideBatchRequestSchema]),
    response: responseSchema,
    problems: { ...BODY_PROBLEMS, 415: 'The Content-Type is not application/json' },
    handler: async (c) => {
      const body = await readJsonBody(c.req.raw, limits)
      const requests = readRequests(body, limits.maxBatchLength)
      const decider = beginDecisions(c, pdp)
      if (requests === undefined) return c.json(answerOne(decider, body))
      const takeTurn = createTurns()
      const answers: (Answer | Explanation | Problem)[] = []
      for (const request of requests) {
        answers.push(
          answerItem(decider, request, body.explain, (error) => log.error({ err: error }, ITEM_FAILED)),
        )
        await takeTurn()
      }
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
  checkShape(batchShape, body)
  const { requests } = body as z.infer<typeof batchShape>
  if (requests.length <= maxLength) return requests
  throw malformedRequest([
    { path: '$.requests', detail: `holds ${requests.length} items; at most ${maxLength} are answered` },
  ])
}

function answerOne(decider: Decider, body: unknown, defaultExplain?: unknown): Answer | Explanation {
  const { request, explain, trace } = toDecideQuestion(body, defaultExplain)
  return explain ? decider.explain(request, { trace }) : decider.decide(request)
}

/** An item that fails is problem details, and leaves the others alone. */
function answerItem(
  decider: Decider,
  item: unknown,
  defaultExplain: unknown,
  onFault: (error: unknown) => void,
): Answer | Explanation | Problem {
  try {
    if (!isJsonObject(item)) throw malformedRequest([{ path: '$', detail: 'must be an object' }])
    return answerOne(decider, item, defaultExplain)
  } catch (error) {
    const problem = toProblemOfError(error)
    if (problem.status >= 500) onFault(error)
    return problem
  }
}
