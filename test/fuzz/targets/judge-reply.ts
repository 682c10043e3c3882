// Whether a reply is one that the service promises for a request.
import { answerSchema, explanationSchema } from '../../../packages/pdp-server/src/wire/answer-schema.ts'
import {
  evaluationResponseSchema,
  evaluationsResponseSchema,
} from '../../../packages/pdp-server/src/wire/authzen.ts'
import { problemSchema } from '../../../packages/pdp-server/src/wire/problem.ts'
import type { Verdict } from '../target.ts'
import type { HttpInput } from './http-edge.ts'
import { isTheQuestion } from './the-question.ts'

const STATUSES = [200, 400, 404, 405, 413, 415, 503]

export async function judgeReply(input: HttpInput, response: Response): Promise<Verdict> {
  const { status, headers } = response
  if (!STATUSES.includes(status)) return `status ${status}`
  const text = await response.text()
  if (status === 503 && input.isReady) return 'not ready, though it is'
  const { pathname } = new URL(`http://pdp.example${input.path}`)
  if (status === 415 && pathname !== '/decide') return '415 is no status of AuthZEN'
  if (input.method === 'HEAD') return text === '' ? undefined : 'an answer to HEAD has a body'
  const type = headers.get('content-type') ?? ''
  if (status === 200 && type.startsWith('text/html')) return undefined
  const json = parse(text)
  if (json === undefined) return `no JSON: ${text}`
  if (status === 200) return judgeAnswer(input, pathname, type, json)
  if (status === 503 && pathname === '/readyz') return undefined
  if (type !== 'application/problem+json') return `a problem of type ${type}`
  const { error } = problemSchema.strict().safeParse(json)
  if (error !== undefined) return `no problem details: ${text}`
  return (json as { status: number }).status === status ? undefined : 'the status is not that of the body'
}

function judgeAnswer(input: HttpInput, pathname: string, type: string, json: unknown): Verdict {
  if (!type.startsWith('application/json')) return `an answer of type ${type}`
  if (input.method !== 'POST') return undefined
  const body = parse(input.body ?? '') as Body
  if (pathname === '/decide') return judgeDecide(body, json)
  if (pathname.startsWith('/access/v1/search/')) return judgeSearch(json)
  const shape = pathname.endsWith('s') ? evaluationsResponseSchema : evaluationResponseSchema.strict()
  if (shape.safeParse(json).error !== undefined) return `no evaluation: ${JSON.stringify(json)}`
  return judgeEvaluations(body, json as Evaluations)
}

/** Nothing is stored, and the one action needs arguments: there is nothing to find, and no page to come. */
function judgeSearch(json: unknown): Verdict {
  const text = JSON.stringify(json)
  const isFit = text === '{"results":[]}' || text === '{"page":{"next_token":""},"results":[]}'
  return isFit ? undefined : `found something: ${text}`
}

type Body = Readonly<Record<string, unknown>> | undefined

interface Evaluations {
  readonly decision?: boolean
  readonly evaluations?: readonly { readonly decision: boolean }[]
}

const UNFIT = 'allowed what it was not asked'

function judgeDecide(body: Body, json: unknown): Verdict {
  const { answers } = json as { answers?: readonly unknown[] }
  if (answers === undefined) return judgeOne(body, json)
  const requests = (body?.requests ?? []) as readonly unknown[]
  if (answers.length !== requests.length) return 'as many answers as requests are expected'
  return answers
    .map((answer, index) => judgeOne(requests[index], answer))
    .find((verdict) => verdict !== undefined)
}

function judgeOne(question: unknown, answer: unknown): Verdict {
  const isShaped = [answerSchema.strict(), explanationSchema.strict(), problemSchema.strict()].some(
    (schema) => schema.safeParse(answer).success,
  )
  if (!isShaped) return `neither an answer nor a problem: ${JSON.stringify(answer)}`
  const { decision } = answer as { decision?: string }
  return decision === 'allow' && !isTheQuestion(question) ? UNFIT : undefined
}

const DEFAULTS = ['subject', 'action', 'resource', 'context'] as const

function judgeEvaluations(body: Body, { decision, evaluations }: Evaluations): Verdict {
  if (evaluations === undefined) return decision === true && !isTheQuestion(body) ? UNFIT : undefined
  const items = (body?.evaluations ?? []) as readonly unknown[]
  if (evaluations.length > items.length) return 'more answers than items'
  const isUnfit = evaluations.some((evaluation, index) => {
    const item = items[index]
    if (!evaluation.decision) return false
    if (typeof item !== 'object' || item === null) return true
    const merged = DEFAULTS.map((name) => [
      name,
      Object.hasOwn(item, name) ? (item as Record<string, unknown>)[name] : body?.[name],
    ])
    return !isTheQuestion(Object.fromEntries(merged))
  })
  return isUnfit ? UNFIT : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
