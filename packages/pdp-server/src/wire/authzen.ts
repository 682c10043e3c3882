// The wire forms of AuthZEN Authorization API 1.0 §6 and §7, to and from the engine's. Bodies are the same for the
// same question: whatever names one exchange travels in headers.
import type { Answer, DecisionRequest } from '@edict/policy-lang/program'
import { z } from '@hono/zod-openapi'
import { dutySchema } from './answer-schema.ts'
import { profileObligationSchema, toProfileObligations } from './obligations-profile.ts'
import type { Problem } from './problem.ts'
import { isJsonObject, type JsonBody } from './read-body.ts'
import {
  checkListLengths,
  checkShape,
  evaluationRequestSchema,
  findProblems,
  malformedRequest,
} from './request-schema.ts'
import { isEvaluationRequest } from './request-shape.ts'

export const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const
export type Semantic = (typeof SEMANTICS)[number]

const createResponseSchema = <T extends z.ZodType>(obligation: T) => {
  const context = z
    .object({
      obligations: z.array(obligation).optional(),
      advice: z.array(dutySchema).optional(),
      error: z.object({ status: z.int(), message: z.string() }).optional(),
    })
    .openapi('DecisionContext', {
      description:
        'Only where there is something to say: obligations, advice, or why an item has no decision',
    })
  return z.object({ decision: z.boolean(), context: context.optional() }).openapi('EvaluationResponse')
}

const createBatchResponseSchema = <T extends z.ZodType>(response: T) =>
  z.union([z.object({ evaluations: z.array(response) }), response]).openapi('EvaluationsResponse')

export const evaluationResponseSchema = createResponseSchema(dutySchema)

export type EvaluationResponse = z.infer<typeof evaluationResponseSchema>

/** An item of a batch, and its defaults: each may be left out, and none is looked at before it is used. */
const partialSchema = evaluationRequestSchema.partial()

export const evaluationsRequestSchema = partialSchema
  .extend({
    evaluations: z.array(partialSchema).nullish().openapi({
      description: 'What an item leaves out comes whole from beside `evaluations`; empty: one evaluation',
    }),
    options: z
      .object(
        {
          evaluations_semantic: z
            .enum(SEMANTICS, { error: `must be one of ${SEMANTICS.join(', ')}` })
            .nullish(),
        },
        { error: 'must be an object' },
      )
      .nullish(),
  })
  .openapi('EvaluationsRequest')

/** What faults the whole batch (AuthZEN 1.0 §7.1.2). */
const batchShape = z.object({
  evaluations: z.array(z.unknown(), { error: 'must be an array' }).nullish(),
  options: evaluationsRequestSchema.shape.options,
})

export const evaluationsResponseSchema = createBatchResponseSchema(evaluationResponseSchema)

/** How answers are written. */
export interface EvaluationForm {
  readonly response: z.ZodType
  readonly batchResponse: z.ZodType
  /** What the answer says in AuthZEN's form, as JSON. */
  readonly serialize: (answer: Answer) => string
  /** One obligation. */
  readonly obligation: z.ZodType
  readonly toObligations: (answer: Pick<Answer, 'obligations'>) => readonly object[]
}

/** Names and arguments of duties are those of `/decide`. */
export const PLAIN_FORM: EvaluationForm = {
  response: evaluationResponseSchema,
  batchResponse: evaluationsResponseSchema,
  serialize: (answer) => serializeEvaluation(answer, answer.obligations),
  obligation: dutySchema,
  toObligations: ({ obligations }) => obligations,
}

const profileResponseSchema = createResponseSchema(profileObligationSchema)

/** Obligations are those of AuthZEN's obligations profile; advice, which it does not know, is that of `/decide`. */
export const PROFILE_FORM: EvaluationForm = {
  response: profileResponseSchema,
  batchResponse: createBatchResponseSchema(profileResponseSchema),
  serialize: (answer) => serializeEvaluation(answer, toProfileObligations(answer)),
  obligation: profileObligationSchema,
  toObligations: toProfileObligations,
}

/** The question of a single evaluation. Throws `PdpServerError`. */
export function toEvaluation(body: JsonBody): DecisionRequest {
  if (!isEvaluationRequest(body)) checkShape(evaluationRequestSchema, body)
  return pickEvaluation(body)
}

export interface EvaluationBatch {
  /** Empty: the body is a single evaluation. */
  readonly items: readonly unknown[]
  readonly semantic: Semantic
}

/** How a batch is to be run. Throws `PdpServerError` where the whole of it is at fault; items are looked at later. */
export function toBatch(body: JsonBody, maxLength: number): EvaluationBatch {
  const list = Object.hasOwn(body, 'evaluations') ? body.evaluations : undefined
  checkListLengths([{ path: '$.evaluations', value: list }], maxLength, 'answered')
  checkShape(batchShape, body)
  const { evaluations, options } = body as z.infer<typeof batchShape>
  const items = evaluations ?? []
  return { items, semantic: options?.evaluations_semantic ?? 'execute_all' }
}

const KEYS = ['subject', 'action', 'resource', 'context'] as const

const CHARACTERS_PER_STEP = 64

/** The steps that each item is charged: what it may inherit is gone through once more for each. */
export function stepsToInherit(body: JsonBody): number {
  const defaults = KEYS.map((key) => (Object.hasOwn(body, key) ? body[key] : null))
  return Math.ceil(JSON.stringify(defaults).length / CHARACTERS_PER_STEP)
}

/**
 * The question of one item: a member that the item has replaces the default whole, one that it lacks is the default
 * (AuthZEN 1.0 §7.1.1). Throws `PdpServerError`.
 */
export function toBatchItem(body: JsonBody, item: unknown, index: number): DecisionRequest {
  if (!isJsonObject(item)) {
    throw malformedRequest([{ path: `$.evaluations[${index}]`, detail: 'must be an object' }])
  }
  const merged = {
    subject: inherit(item, body, 'subject'),
    action: inherit(item, body, 'action'),
    resource: inherit(item, body, 'resource'),
    context: inherit(item, body, 'context'),
  }
  const problems = isEvaluationRequest(merged) ? [] : findProblems(evaluationRequestSchema, merged)
  if (problems.length > 0) {
    const path = `$.evaluations[${index}]`
    const isOwn = (at: string) =>
      KEYS.some((key) => Object.hasOwn(item, key) && new RegExp(`^\\$\\.${key}\\b`).test(at))
    throw malformedRequest(
      problems.map(({ path: at, detail }) => ({ path: isOwn(at) ? `${path}${at.slice(1)}` : at, detail })),
    )
  }
  return pickEvaluation(merged)
}

function serializeEvaluation({ decision, advice }: Answer, obligations: readonly object[]): string {
  const response = decision === 'allow' ? '{"decision":true}' : '{"decision":false}'
  if (obligations.length === 0 && advice.length === 0) return response
  const context = { ...(obligations.length > 0 && { obligations }), ...(advice.length > 0 && { advice }) }
  return `${response.slice(0, -1)},"context":${JSON.stringify(context)}}`
}

/** An item without a decision: a deny that says why (AuthZEN 1.0 §7.2.1). */
export function toItemError({ status, detail }: Problem): EvaluationResponse {
  return { decision: false, context: { error: { status, message: detail } } }
}

function inherit(item: JsonBody, body: JsonBody, key: (typeof KEYS)[number]): unknown {
  if (Object.hasOwn(item, key)) return item[key]
  return Object.hasOwn(body, key) ? body[key] : undefined
}

/** AuthZEN's members alone: all others are unknown here and ignored. INVARIANT: the shape was checked. */
function pickEvaluation(body: JsonBody): DecisionRequest {
  const { subject, action, resource, context } = body as unknown as DecisionRequest
  const { name, properties } = action
  const picked = {
    subject: pickEntity(subject),
    action: properties === undefined ? { name } : { name, properties },
    resource: pickEntity(resource),
  }
  return context === undefined ? picked : { ...picked, context }
}

function pickEntity({ type, id, properties }: DecisionRequest['resource']): DecisionRequest['resource'] {
  return properties === undefined ? { type, id } : { type, id, properties }
}
