import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { BatchDecider, Decider } from '../decide/decider.ts'
import type { Limits } from '../limits.ts'
import { answerSchema, explanationSchema } from '../wire/answer-schema.ts'
import { problemSchema, toProblemOfError } from '../wire/problem.ts'
import { type JsonBody, requireJsonObject } from '../wire/read-body.ts'
import {
  checkListLengths,
  checkShape,
  decideBatchRequestSchema,
  decideRequestSchema,
  malformedRequest,
  toDecideQuestion,
} from '../wire/request-schema.ts'
import { serializeAnswer } from '../wire/serialize-answer.ts'
import { afterRecord, beginBatch, beginDecisions, createTurns } from './begin-decisions.ts'
import { addJsonEndpoint, type JsonEndpoint } from './json-endpoint.ts'
import { BODY_PROBLEMS, type RouteContext } from './route.ts'

const responseSchema = z.union([
  answerSchema,
  explanationSchema,
  z
    .object({ answers: z.array(z.union([answerSchema, explanationSchema, problemSchema])) })
    .openapi('DecideBatchResponse'),
])

/** `POST /decide`: one question or many, with the engine's whole answer. */
export function addDecideRoute(app: OpenAPIHono, context: RouteContext): JsonEndpoint {
  const { pdp, limits } = context
  const endpoint: JsonEndpoint = {
    path: '/decide',
    typeCode: 'unsupported-media-type',
    answer: (body, exchange) => {
      const requests = readRequests(body, limits.maxBatchLength)
      if (requests !== undefined) return runBatch(beginBatch(exchange, pdp), context, body, requests)
      const decider = beginDecisions(exchange, pdp)
      return afterRecord(decider, answerOne(decider, limits, { body }))
    },
  }
  return addJsonEndpoint(app, context, endpoint, {
    summary: 'Decide one question, or many',
    description:
      'With `requests`, the answers come in `answers`, each exactly as it would come alone, ' +
      'unless the steps that they share are used up: the rest are denials `budgetExceeded`. ' +
      'The header `Edict-Decision-Id` names the exchange; `Edict-Policy-Number` and `Edict-Data-Number` say how far ' +
      'policies and data are. A request that needs them no older says so in `Edict-Min-Policy-Number` and ' +
      '`Edict-Min-Data-Number`.',
    request: z.union([decideRequestSchema, decideBatchRequestSchema]),
    response: responseSchema,
    problems: { ...BODY_PROBLEMS, 415: 'The Content-Type is not application/json' },
  })
}

async function runBatch(
  decider: BatchDecider,
  { limits, log }: RouteContext,
  { explain }: JsonBody,
  requests: readonly unknown[],
): Promise<string> {
  const takeTurn = createTurns()
  const answers: string[] = []
  for (const [index, body] of requests.entries()) {
    const onFault = (error: unknown) => log.error({ err: error, index }, 'an item of a batch failed')
    answers.push(answerItem(decider, limits, { body, index, defaultExplain: explain }, onFault))
    const turn = takeTurn()
    if (turn !== undefined) await turn
  }
  await decider.recorded()
  return `{"answers":[${answers.join(',')}]}`
}

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

function answerOne(decider: Decider, limits: Limits, { body, index, defaultExplain }: Question): string {
  const { request, explain, trace } = toDecideQuestion(body, defaultExplain, limits)
  if (explain) return JSON.stringify(decider.explain(request, { trace }, index))
  return serializeAnswer(decider.decide(request, index))
}

/** An item that fails is problem details, and leaves the others alone. */
function answerItem(
  decider: Decider,
  limits: Limits,
  item: Question,
  onFault: (error: unknown) => void,
): string {
  try {
    const body = requireJsonObject(item.body)
    if (Object.hasOwn(body, 'requests') && body.requests !== null) {
      throw malformedRequest([{ path: '$.requests', detail: 'cannot stand within a batch' }])
    }
    return answerOne(decider, limits, item)
  } catch (error) {
    const problem = toProblemOfError(error)
    if (problem.status >= 500) onFault(error)
    return JSON.stringify(problem)
  }
}
