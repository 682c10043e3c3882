// The wire forms of AuthZEN Authorization API 1.0 §8: what is looked for, the page, and what was found.
import type { FoundAction, FoundEntity, JsonObject } from '@edict/policy-lang/program'
import { z } from '@hono/zod-openapi'
import type { SearchKind, SearchQuestion } from '../decide/search-record.ts'
import { dutySchema } from './answer-schema.ts'
import type { EvaluationForm } from './authzen.ts'
import type { JsonBody } from './read-body.ts'
import { checkShape, evaluationRequestSchema, jsonObject, must, text } from './request-schema.ts'

const { subject, action, resource, context } = evaluationRequestSchema.shape

const limit = z
  .int({ error: 'must be a whole number from 0 on' })
  .min(0, { error: 'must be a whole number from 0 on' })

const pageRequestSchema = z
  .object(
    {
      token: z
        .string({ error: 'must be a string' })
        .min(1, { error: 'is empty: that stands for the end, after which there is no page' })
        .nullish()
        .openapi({ description: 'The `next_token` of the page before; all else must stay as it was' }),
      limit: limit.nullish().openapi({ description: 'Most results of the page' }),
      properties: jsonObject.nullish(),
    },
    { error: must('an object') },
  )
  .openapi('PageRequest')

const page = pageRequestSchema.nullish()

/** Which type is looked for; all else on that side is ignored (AuthZEN 1.0 §8.4, §8.5). */
const searchedSchema = z.object({ type: text }, { error: must('an object') }).openapi('SearchedType')

export const searchSchemas = {
  subject: z
    .object({ subject: searchedSchema, action, resource, context, page })
    .openapi('SubjectSearchRequest'),
  resource: z
    .object({ subject, action, resource: searchedSchema, context, page })
    .openapi('ResourceSearchRequest'),
  action: z.object({ subject, resource, context, page }).openapi('ActionSearchRequest'),
} satisfies Record<SearchKind, z.ZodType>

const pageResponseSchema = z
  .object({
    next_token: z.string().openapi({ description: 'Leads to the next page; empty: this was the last' }),
  })
  .openapi('PageResponse')

/** @param obligation one obligation, as evaluations have it */
export function createSearchResponseSchemas(obligation: z.ZodType): Readonly<Record<SearchKind, z.ZodType>> {
  const duties = z
    .object({ obligations: z.array(obligation).optional(), advice: z.array(dutySchema).optional() })
    .openapi('FoundContext', { description: 'What the allow asks for, as it would stand with the decision' })
    .optional()
  const ofPage = { page: pageResponseSchema.optional() }
  const entity = z.object({ type: z.string(), id: z.string(), context: duties }).openapi('FoundEntity')
  const action = z.object({ name: z.string(), context: duties }).openapi('FoundAction')
  const entities = z.object({ ...ofPage, results: z.array(entity) }).openapi('EntitySearchResponse')
  return {
    subject: entities,
    resource: entities,
    action: z.object({ ...ofPage, results: z.array(action) }).openapi('ActionSearchResponse'),
  }
}

export interface RequestedPage {
  readonly token?: string
  readonly limit?: number
}

export interface Search {
  readonly question: SearchQuestion
  /** Left out: the request says nothing of pages. */
  readonly page?: RequestedPage
}

/** What a body asks for: AuthZEN's members alone, and none of the side that is looked for. Throws `PdpServerError`. */
export function toSearch(kind: SearchKind, body: JsonBody): Search {
  checkShape(searchSchemas[kind], body)
  const { page } = body as {
    readonly page?: { readonly token?: string | null; readonly limit?: number | null }
  }
  return {
    question: toQuestion(kind, body),
    ...(page != null && {
      page: {
        ...(page.token != null && { token: page.token }),
        ...(page.limit != null && { limit: page.limit }),
      },
    }),
  }
}

/** INVARIANT: the shape was checked. */
function toQuestion(kind: SearchKind, body: JsonBody): SearchQuestion {
  const given = body as unknown as GivenBody
  const around = given.context == null ? {} : { context: given.context }
  switch (kind) {
    case 'subject':
      return {
        kind,
        request: {
          subject: pickType(given.subject),
          ...pickAction(given),
          resource: pickEntity(given.resource),
          ...around,
        },
      }
    case 'resource':
      return {
        kind,
        request: {
          subject: pickEntity(given.subject),
          ...pickAction(given),
          resource: pickType(given.resource),
          ...around,
        },
      }
    case 'action':
      return {
        kind,
        request: { subject: pickEntity(given.subject), resource: pickEntity(given.resource), ...around },
      }
  }
}

interface GivenEntity {
  readonly type: string
  readonly id: string
  readonly properties?: JsonObject | null
}

interface GivenBody {
  readonly subject: GivenEntity
  readonly action: { readonly name: string; readonly properties?: JsonObject | null }
  readonly resource: GivenEntity
  readonly context?: JsonObject | null
}

function pickType({ type }: GivenEntity): { readonly type: string } {
  return { type }
}

function pickEntity({ type, id, properties }: GivenEntity) {
  return properties == null ? { type, id } : { type, id, properties }
}

function pickAction({ action: { name, properties } }: GivenBody) {
  return { action: properties == null ? { name } : { name, properties } }
}

/** One result. What its allow asks for stands with it, as it would with the decision (obligations profile, Search). */
export function serializeFound(
  { obligations = [], advice = [], ...found }: FoundEntity | FoundAction,
  { toObligations }: Pick<EvaluationForm, 'toObligations'>,
): string {
  if (obligations.length === 0 && advice.length === 0) return JSON.stringify(found)
  const context = {
    ...(obligations.length > 0 && { obligations: toObligations({ obligations }) }),
    ...(advice.length > 0 && { advice }),
  }
  return JSON.stringify({ ...found, context })
}

/** `page` comes first, so that whoever reads as it comes knows what follows (AuthZEN 1.0 §8.2). */
export function serializeSearch(texts: readonly string[], nextToken: string | undefined): string {
  const results = `"results":[${texts.join(',')}]}`
  return nextToken === undefined
    ? `{${results}`
    : `{"page":${JSON.stringify({ next_token: nextToken })},${results}`
}
