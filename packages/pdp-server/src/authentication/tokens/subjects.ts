// Tokens of end users: verified, they say who the subject of a question is and how it signed in.
import { z } from 'zod'
import { text } from '../../config-values.ts'
import { PdpServerError } from '../../errors.ts'
import type { BodyGate } from '../../middleware/body-gate.ts'
import type { Exchange } from '../../middleware/gate.ts'
import { isJsonObject, type JsonBody } from '../../wire/read-body.ts'
import { malformedRequest } from '../../wire/request-schema.ts'
import { readNames } from './callers.ts'
import { issuerMembers } from './issuer-config.ts'
import type { TokenOutcome, VerifiedToken, VerifyToken } from './token-verifier.ts'

export const subjectIssuerSchema = z.strictObject({
  ...issuerMembers,
  /** The type of its subjects in the policy. */
  subjectType: text('a type').default('User'),
  /** Stands before `sub` in the id of a subject, since two issuers may give one `sub` to two people. */
  subjectIdPrefix: z.string({ error: 'must be a text' }).optional(),
})
export type SubjectIssuer = Readonly<z.infer<typeof subjectIssuerSchema>>

/** What stands before `sub`: that of the configuration, or `ISSUER|`. */
export function prefixOf({
  issuer,
  subjectIdPrefix,
}: Pick<SubjectIssuer, 'issuer'> & { readonly subjectIdPrefix?: string | undefined }): string {
  return subjectIdPrefix ?? `${issuer}|`
}

export interface SubjectTokenOptions {
  readonly verify: VerifyToken<SubjectIssuer>
  /** Whether a caller may say itself who the subject is, where it sends no token. */
  readonly trustCallerClaims: boolean
}

const QUESTION_PATHS = /^\/(decide|access\/v1\/(evaluations?|search\/(resource|action)))$/
/** Here the subject is what is looked for. */
const SUBJECT_SEARCH_PATH = '/access/v1/search/subject'

/** Fills `subject` and `context.token` of a question, or of all questions of a batch, from its `token`. */
export function createSubjectTokenGate({ verify, trustCallerClaims }: SubjectTokenOptions): BodyGate {
  return (body, exchange) => {
    const { path } = exchange
    if (path === SUBJECT_SEARCH_PATH && !trustCallerClaims) refuseClaims([{ at: '$', question: body }], false)
    if (!QUESTION_PATHS.test(path)) return body
    const places = listPlaces(body, path)
    refuseTokens(places.slice(1))
    const { token } = body
    if (token === undefined || token === null) {
      if (trustCallerClaims) return body
      refuseClaims(places)
      throw malformedRequest([{ path: '$.token', detail: 'is missing: it says who the subject is' }])
    }
    if (typeof token !== 'string') throw malformedRequest([{ path: '$.token', detail: 'must be a string' }])
    refuseClaims(places)
    exchange.checkFacts = () => {
      const outcome = verify(token)
      return outcome instanceof Promise ? outcome.then(refuseFault) : refuseFault(outcome)
    }
    const outcome = verify(token)
    return outcome instanceof Promise
      ? outcome.then((known) => fill(body, exchange, known))
      : fill(body, exchange, outcome)
  }
}

/** A question, and where it stands in the body. */
interface Place {
  readonly at: string
  readonly question: JsonBody
}

/** The body itself, then the questions of the batch that it is. */
function listPlaces(body: JsonBody, path: string): readonly Place[] {
  const key = batchKey(path)
  const list = key !== undefined && Object.hasOwn(body, key) ? body[key] : undefined
  const items = Array.isArray(list) ? list : []
  return [
    { at: '$', question: body },
    ...items.flatMap((question, index) =>
      isJsonObject(question) ? [{ at: `$.${key}[${index}]`, question }] : [],
    ),
  ]
}

function batchKey(path: string): 'requests' | 'evaluations' | undefined {
  if (path === '/decide') return 'requests'
  return path === '/access/v1/evaluations' ? 'evaluations' : undefined
}

function refuseTokens(places: readonly Place[]): void {
  const found = places.find(({ question }) => has(question, 'token'))
  if (found === undefined) return
  const detail = 'stands beside the list, once for all questions'
  throw malformedRequest([{ path: `${found.at}.token`, detail }])
}

/** INVARIANT: what is filled in from a token was not there, so nothing that a caller says can stand beside it. */
function refuseClaims(places: readonly Place[], alsoSubject = true): void {
  const problems = places.flatMap(({ at, question }) => {
    const { context } = question
    return [
      ...(alsoSubject && has(question, 'subject') ? [`${at}.subject`] : []),
      ...(isJsonObject(context) && has(context, 'token') ? [`${at}.context.token`] : []),
    ]
  })
  if (problems.length === 0) return
  const detail = 'comes from the verified `token` alone'
  throw malformedRequest(problems.map((path) => ({ path, detail })))
}

/** `entities` may describe whom the store does not hold, and this would be a way to describe the subject. */
function refuseDescriptions(places: readonly Place[], subject: JsonBody): void {
  for (const { at, question } of places) {
    const list = Array.isArray(question.entities) ? question.entities : []
    const index = list.findIndex(
      (entity) => isJsonObject(entity) && entity.type === subject.type && entity.id === subject.id,
    )
    if (index === -1) continue
    const detail = 'describes the subject, who comes from the verified `token` alone'
    throw malformedRequest([{ path: `${at}.entities[${index}]`, detail }])
  }
}

function has(object: JsonBody, name: string): boolean {
  return Object.hasOwn(object, name) && object[name] !== undefined && object[name] !== null
}

function refuseFault(outcome: TokenOutcome<SubjectIssuer>): asserts outcome is VerifiedToken<SubjectIssuer> {
  if (!('fault' in outcome)) return
  if (outcome.isOutage) throw new PdpServerError('token-not-checked', outcome.fault)
  throw malformedRequest([{ path: '$.token', detail: `cannot be accepted: ${outcome.fault}` }])
}

function fill(body: JsonBody, exchange: Exchange, outcome: TokenOutcome<SubjectIssuer>): JsonBody {
  const { path } = exchange
  refuseFault(outcome)
  exchange.factsUntil = Math.floor(outcome.claims.exp * 1000)
  const subject = toSubject(outcome)
  const token = toTokenContext(outcome)
  refuseDescriptions(listPlaces(body, path), subject)
  const key = batchKey(path)
  const list = key === undefined ? undefined : body[key]
  if (key === undefined || !Array.isArray(list)) return fillQuestion(body, subject, token)
  const items = list.map((item) => {
    if (!isJsonObject(item)) return item
    // At AuthZEN's endpoint an item inherits what it lacks from beside the list, which is filled below.
    const isOwn = path === '/decide' || Object.hasOwn(item, 'context') || Object.hasOwn(item, 'subject')
    return isOwn ? fillQuestion(item, subject, token) : item
  })
  const filled = path === '/decide' ? withoutToken(body) : fillQuestion(body, subject, token)
  return { ...filled, [key]: items }
}

function fillQuestion(question: JsonBody, subject: JsonBody, token: JsonBody): JsonBody {
  const { context } = question
  // A context that is no object is refused by the endpoint, in its own words.
  if (has(question, 'context') && !isJsonObject(context)) return { ...withoutToken(question), subject }
  return { ...withoutToken(question), subject, context: { ...(isJsonObject(context) && context), token } }
}

/** The token goes no further than here: not into the engine, nor into a log of questions. */
function withoutToken(body: JsonBody): JsonBody {
  const { token: _, ...rest } = body
  return rest
}

function toSubject({ claims, issuer }: VerifiedToken<SubjectIssuer>): JsonBody {
  return { type: issuer.subjectType, id: `${prefixOf(issuer)}${claims.sub}` }
}

/** Only what is there: a claim that is absent is absent in the context, and no default stands for it. */
function toTokenContext({ claims }: VerifiedToken<SubjectIssuer>): JsonBody {
  const { acr, amr, auth_time: authTime, client_id: clientId, azp } = claims
  const client = clientId ?? azp
  return {
    scopes: readNames(claims.scope ?? claims.scp),
    ...(typeof acr === 'string' && { acr }),
    ...(Array.isArray(amr) && { amr: readNames(amr) }),
    ...(typeof authTime === 'number' && { authTime }),
    ...(typeof client === 'string' && { clientId: client }),
  }
}
