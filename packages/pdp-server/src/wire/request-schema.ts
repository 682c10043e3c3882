// What may be asked, as zod schemas: they check requests, and the OpenAPI document is made of them. They look at the
// shape alone and hand the value on untouched; what properties mean is the engine's to read.
import type { DecisionRequest } from '@edict/policy-lang/program'
import { z } from '@hono/zod-openapi'
import { PdpServerError, type RequestProblem } from '../errors.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { toJsonPath } from './json-path.ts'
import { isJsonObject, type JsonBody } from './read-body.ts'
import { isDecideRequest } from './request-shape.ts'

export const must =
  (what: string) =>
  (issue: { readonly input?: unknown }): string =>
    issue.input === undefined || issue.input === null ? 'is missing' : `must be ${what}`

export const text = z.string({ error: must('a string') })

/** Any object. Its members keep their names, `__proto__` included, since it is never copied. */
export const jsonObject = z
  .custom<JsonBody>(isJsonObject, { error: must('an object') })
  .openapi({ type: 'object', additionalProperties: true })

const referenceSchema = z
  .object({ type: text, id: text }, { error: must('an object') })
  .openapi('EntityReference', { example: { type: 'Folder', id: 'reports' } })

/** Parents that do not fit are unknown to the policy, not malformed: the engine reports them. */
const parents = z
  .unknown()
  .openapi({ type: 'array', items: { $ref: '#/components/schemas/EntityReference' } })

const properties = jsonObject.nullish()

/** A subject or resource as AuthZEN has it. */
const entityFields = { type: text, id: text, properties }

const actionSchema = z
  .object({ name: text, properties }, { error: must('an object') })
  .openapi('Action', { example: { name: 'read' } })

const subjectSchema = z
  .object(entityFields, { error: must('an object') })
  .openapi('Subject', { example: { type: 'User', id: 'ann' } })

const resourceSchema = z
  .object(entityFields, { error: must('an object') })
  .openapi('Resource', { example: { type: 'Document', id: 'd1' } })

/** AuthZEN 1.0 §6.1. */
export const evaluationRequestSchema = z
  .object(
    {
      subject: subjectSchema,
      action: actionSchema,
      resource: resourceSchema,
      context: jsonObject.nullish(),
    },
    { error: must('an object') },
  )
  .openapi('EvaluationRequest')

const entitySchema = z
  .object({ ...entityFields, parents: parents.optional() }, { error: must('an object') })
  .openapi('Entity')

const roleItem = z.unknown().openapi({
  description: "A role's name (held on everything), or an assignment to this subject",
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      required: ['role', 'on'],
      properties: {
        role: { type: 'string' },
        on: { description: 'An entity, a type, or "*" for everything' },
        with: { type: 'object' },
        expires: { type: ['string', 'number'] },
      },
    },
  ],
})

const explainSchema = z.union([z.boolean(), z.object({ trace: z.boolean().optional() })], {
  error: 'must be true, false or {"trace": true}',
})

/** One question for `POST /decide`: AuthZEN's, and what only this service reads. */
export const decideRequestSchema = evaluationRequestSchema
  .extend({
    subject: subjectSchema
      .extend({
        parents: parents.optional(),
        roles: z.array(roleItem, { error: must('an array') }).nullish(),
      })
      .openapi('DecideSubject'),
    resource: entitySchema,
    entities: z.array(entitySchema, { error: must('an array') }).nullish(),
    explain: explainSchema.nullish(),
  })
  .openapi('DecideRequest')

export const decideBatchRequestSchema = z
  .object({
    requests: z.array(decideRequestSchema),
    explain: explainSchema.nullish().openapi({ description: 'For all questions that do not say themselves' }),
  })
  .openapi('DecideBatchRequest')

/** Registered for the OpenAPI document: parents refer to it by name. */
export const namedSchemas = { EntityReference: referenceSchema }

/** Problems of one request; it can hold more, and its sender has seen enough. */
const SHOWN_PROBLEMS = 20

/** What is wrong with the shape of a value, by JSON path. Empty where it fits. */
export function findProblems(schema: z.ZodType, value: unknown): readonly RequestProblem[] {
  const result = schema.safeParse(value)
  if (result.success) return []
  return result.error.issues
    .slice(0, SHOWN_PROBLEMS)
    .map(({ path, message }) => ({ path: toJsonPath(path), detail: message }))
}

/** Refuses the first list that is too long, before anything goes through their members. Throws `PdpServerError`. */
export function checkListLengths(lists: Iterable<RequestList>, most: number, what = 'read'): void {
  for (const { path, value } of lists) {
    if (!Array.isArray(value) || value.length <= most) continue
    const detail = `holds ${value.length} items; at most ${most} are ${what}`
    throw malformedRequest([{ path, detail }])
  }
}

export interface RequestList {
  readonly path: string
  readonly value: unknown
}

/** Every list of a question whose members are looked at, whatever the policy reads. */
function* listsOf(body: unknown): Generator<RequestList> {
  const at = (value: unknown, name: string): unknown =>
    isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  const [subject, resource, entities] = ['subject', 'resource', 'entities'].map((name) => at(body, name))
  yield { path: '$.entities', value: entities }
  yield { path: '$.subject.roles', value: at(subject, 'roles') }
  yield { path: '$.subject.parents', value: at(subject, 'parents') }
  yield { path: '$.resource.parents', value: at(resource, 'parents') }
  if (!Array.isArray(entities)) return
  for (const [index, entity] of entities.entries()) {
    yield { path: `$.entities[${index}].parents`, value: at(entity, 'parents') }
  }
}

/** Refuses a value whose shape does not fit. Throws `PdpServerError`. */
export function checkShape(schema: z.ZodType, value: unknown): void {
  const problems = findProblems(schema, value)
  if (problems.length > 0) throw malformedRequest(problems)
}

export function malformedRequest(problems: readonly RequestProblem[]): PdpServerError {
  const first = problems.slice(0, 3).map(({ path, detail }) => `${path} ${detail}`)
  const message = `malformed request: ${first.join('; ')}${problems.length > 3 ? '; …' : ''}`
  return new PdpServerError('malformed-request', message, { problems })
}

export interface DecideQuestion {
  readonly request: DecisionRequest
  readonly explain: boolean
  readonly trace: boolean
}

/** The question that a body of `/decide`, or one of its `requests`, holds. Throws `PdpServerError`. */
export function toDecideQuestion(
  body: unknown,
  defaultExplain?: unknown,
  { maxListLength }: Pick<Limits, 'maxListLength'> = DEFAULT_LIMITS,
): DecideQuestion {
  if (!isDecideRequest(body, maxListLength)) {
    checkListLengths(listsOf(body), maxListLength)
    checkShape(decideRequestSchema, body)
  }
  const { explain = defaultExplain } = body as { readonly explain?: unknown }
  return {
    request: body as DecisionRequest,
    explain: explain === true || isJsonObject(explain),
    trace: isJsonObject(explain) && explain.trace === true,
  }
}
