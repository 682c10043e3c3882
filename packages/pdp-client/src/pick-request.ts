// What of a request goes out: what it may hold, and nothing that stands beside it.
import { PdpClientError } from './errors.ts'
import type { DecisionRequest, TokenRequest } from './types.ts'

export type Question = DecisionRequest | TokenRequest

/** Only what a request may hold goes out: a stray `requests` would make a batch of it. */
export function pickRequest(request: Question): Question {
  const { subject, token, action, resource, context, entities } = request as Partial<TokenRequest> &
    Omit<DecisionRequest, 'subject'> & { readonly subject?: unknown }
  if (token !== undefined && subject !== undefined) {
    throw new PdpClientError('malformed-request', 'the request says `subject` and `token`: who is meant?')
  }
  return {
    ...(token === undefined ? { subject } : { token: readToken(token) }),
    action,
    resource,
    ...(context === undefined ? {} : { context }),
    ...(entities === undefined ? {} : { entities }),
  } as Question
}

/** What is no text would be no token to the decision point, and `null` no token at all: then nobody says who asks. */
export function readToken(token: unknown): string {
  if (typeof token === 'string' && token !== '') return token
  throw new PdpClientError('malformed-request', '`token` must be a text, and not empty')
}

/** A token stands once beside the questions, and holds for all. */
export function pickBatch(questions: readonly Question[]): object {
  const picked = questions.map(pickRequest)
  const tokens = new Set(picked.map((question) => ('token' in question ? question.token : undefined)))
  if (tokens.size > 1) {
    const message = 'the questions of a batch must all bring the same `token`, or all a `subject`'
    throw new PdpClientError('malformed-request', message)
  }
  const [token] = tokens
  if (token === undefined) return { requests: picked }
  return { token, requests: picked.map(withoutToken) }
}

function withoutToken(question: Question): object {
  const { token: _, ...rest } = question as TokenRequest
  return rest
}
