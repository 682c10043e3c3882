// Entity data as it is written and read over HTTP. Schemas look at the shape; what rows hold is checked against the
// policies, where the data is.
import type { JsonEntityRef, JsonObject } from '@edict/policy-lang/program'
import { z } from '@hono/zod-openapi'
import type { Operation } from '../entity-store/plan-write.ts'
import type { Preconditions } from '../entity-store/preconditions.ts'
import { assignmentIdOf } from '../entity-store/row-index.ts'
import { checkListLengths, checkShape, malformedRequest } from './request-schema.ts'

const text = z.string({ error: 'must be a string' })
const anyObject = z
  .custom<JsonObject>((json) => typeof json === 'object' && json !== null && !Array.isArray(json), {
    error: 'must be an object',
  })
  .openapi({ type: 'object', additionalProperties: true })

const properties = anyObject.nullish()
const parents = z
  .unknown()
  .openapi({ type: 'array', items: { $ref: '#/components/schemas/EntityReference' } })
  .optional()

/** Of one entity: all but its name. */
export const entityContentSchema = z.object({ properties, parents }).openapi('EntityContent')

/** RFC 7396. */
export const entityPatchSchema = anyObject.openapi('EntityPatch', {
  description: 'A JSON merge patch (RFC 7396) of `{"properties": …, "parents": …}`',
})

const warnings = z.array(z.object({ path: z.string(), detail: z.string() })).optional()

export const entityRowSchema = z
  .object({
    type: text,
    id: text,
    properties: anyObject,
    parents: z.array(z.object({ type: text, id: text })),
    number: z.int().openapi({ description: 'Of the write that put it there: its entity tag' }),
    warnings,
  })
  .openapi('StoredEntity')

export const entityListSchema = z
  .object({
    entities: z.array(entityRowSchema),
    next: text.optional().openapi({ description: 'Ask with it as `after` for more; left out: that was all' }),
  })
  .openapi('StoredEntities')

const scope = z.unknown().openapi({ description: '`{"type", "id"}`, `{"type"}`, or `"*"` for everything' })
const target = z.unknown().openapi({
  description: '`{"type", "id"}`, `{"type"}`, `"*"`, or `{"role", "on"}` for whoever holds a role there',
})

const assignmentFields = {
  role: text,
  to: target,
  on: scope,
  with: anyObject.nullish().openapi({ description: "The role's parameters" }),
  expires: z
    .unknown()
    .openapi({ type: ['string', 'number'] })
    .optional(),
}

export const assignmentSchema = z
  .object(assignmentFields, { error: 'must be an object' })
  .openapi('Assignment')

export const assignmentRowSchema = z
  .object({ id: text, ...assignmentFields, number: z.int(), warnings })
  .openapi('StoredAssignment')

export const assignmentListSchema = z
  .object({ assignments: z.array(assignmentRowSchema), next: text.optional() })
  .openapi('StoredAssignments')

export const deletionSchema = z
  .object({
    deleted: z.literal(true),
    assignments: z.int().openapi({ description: 'How many assignments are gone' }),
  })
  .openapi('Deletion')

const conditions = { ifMatch: text.optional(), ifNoneMatch: text.optional() }
const entity = { type: text, id: text, ...conditions }

const operationSchema = z
  .discriminatedUnion(
    'op',
    [
      z.object({ op: z.literal('putEntity'), ...entity, properties, parents }),
      z.object({ op: z.literal('patchEntity'), ...entity, patch: anyObject }),
      z.object({ op: z.literal('deleteEntity'), ...entity, cascade: z.boolean().optional() }),
      z.object({ op: z.literal('assign'), assignment: assignmentSchema, ...conditions }),
      z.object({ op: z.literal('revoke'), assignment: assignmentSchema, ...conditions }),
    ],
    { error: 'must be an operation: `op` is putEntity, patchEntity, deleteEntity, assign or revoke' },
  )
  .openapi('WriteOperation')

export const batchSchema = z
  .object({ operations: z.array(operationSchema, { error: 'must be an array' }) })
  .openapi('WriteBatch')

export const batchReplySchema = z
  .object({
    number: z.int().openapi({ description: 'Of the data once all is done' }),
    results: z.array(z.object({ status: z.int(), assignmentId: text.optional() }).openapi('WriteResult')),
    warnings,
  })
  .openapi('WriteBatchReply')

/** The operations of a batch, in order. Throws `PdpServerError` `malformed-request`. */
export function toOperations(body: unknown, maxLength: number): readonly Operation[] {
  const { operations } = body as { readonly operations?: unknown }
  checkListLengths([{ path: '$.operations', value: operations }], maxLength, 'done')
  checkShape(batchSchema, body)
  return (operations as readonly JsonObject[]).map((json, index) =>
    toOperation(json, `$.operations[${index}]`),
  )
}

/** Members that an operation of this kind has besides those of its row. */
const OWN_MEMBERS = new Set(['op', 'type', 'id', 'ifMatch', 'ifNoneMatch'])

interface OperationHead extends JsonEntityRef, Preconditions {
  readonly op: z.infer<typeof operationSchema>['op']
}

function toOperation(json: JsonObject, path: string): Operation {
  const { op, type, id, ifMatch, ifNoneMatch } = json as unknown as OperationHead
  const common = { path, ifMatch, ifNoneMatch }
  const ref = { type, id }
  switch (op) {
    case 'putEntity':
      return { kind: 'put-entity', ref, content: without(json, OWN_MEMBERS), ...common }
    case 'patchEntity':
      refuseOthers(json, ['patch'], path)
      return { kind: 'patch-entity', ref, patch: json.patch as JsonObject, ...common, path: `${path}.patch` }
    case 'deleteEntity':
      refuseOthers(json, ['cascade'], path)
      return { kind: 'delete-entity', ref, cascade: json.cascade === true, ...common }
    default: {
      refuseOthers(json, ['assignment'], path)
      const assignment = json.assignment as JsonObject
      if (op === 'assign') {
        return { kind: 'put-assignment', assignment, ...common, path: `${path}.assignment` }
      }
      return { kind: 'delete-assignment', id: assignmentIdOf(assignment as never), ...common }
    }
  }
}

/** The content of an entity that is named by the address: a body may repeat the name, and not contradict it. */
export function toEntityContent(body: JsonObject, ref: JsonEntityRef): JsonObject {
  for (const name of ['type', 'id'] as const) {
    if (!Object.hasOwn(body, name) || body[name] === ref[name]) continue
    throw malformedRequest([{ path: `$.${name}`, detail: 'is another than the one in the address' }])
  }
  return without(body, new Set(['type', 'id']))
}

/** A slip in a name would leave a condition out. */
function refuseOthers(json: JsonObject, names: readonly string[], path: string): void {
  const other = Object.keys(json).find((name) => !OWN_MEMBERS.has(name) && !names.includes(name))
  if (other === undefined) return
  throw malformedRequest([
    { path: `${path}[${JSON.stringify(other.slice(0, 100))}]`, detail: 'means nothing here' },
  ])
}

function without(json: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.has(name)))
}
