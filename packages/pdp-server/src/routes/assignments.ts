import type { AssignmentRecord, JsonObject } from '@edict/policy-lang/program'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { matches, toEtag } from '../entity-store/preconditions.ts'
import { type AssignmentRow, assignmentIdOf } from '../entity-store/row-index.ts'
import type { WritableStore } from '../entity-store/writable-store.ts'
import { PdpServerError } from '../errors.ts'
import {
  assignmentListSchema,
  assignmentRowSchema,
  assignmentSchema,
  deletionSchema,
} from '../wire/entity-writes.ts'
import { parseJson } from '../wire/parse-json.ts'
import { checkShape } from '../wire/request-schema.ts'
import { readLimit } from './entities.ts'
import { carryOut, conditionalHeaders, readConditions, toWarnings } from './entity-write.ts'
import { addResource, type ResourceReply, type ResourceRequest, refuseOtherParameters } from './resource.ts'
import type { RouteContext } from './route.ts'
import { tellState } from './tell-state.ts'

/** `/assignments`: all, each named by what it says; `/assignments/{id}`: one. */
export function addAssignmentRoutes(app: OpenAPIHono, context: RouteContext, store: WritableStore): void {
  addResource(app, context, {
    path: '/assignments',
    methods: [
      {
        method: 'get',
        summary: 'Assignments, by id; of a role, to a target or on a scope',
        query: z.object({
          role: z.string().optional(),
          to: z.string().optional().openapi({ description: 'As JSON: {"type":"User","id":"ann"}, or *' }),
          on: z.string().optional().openapi({ description: 'As JSON, or *' }),
          limit: z.string().optional(),
          after: z.string().optional(),
        }),
        responses: { 200: assignmentListSchema },
        answer: (request) => listAssignments(context, store, request),
      },
      {
        method: 'put',
        summary: 'Assign a role, in place of an assignment that differs only in when it expires',
        headers: conditionalHeaders,
        request: assignmentSchema,
        responses: { 200: assignmentRowSchema, 201: assignmentRowSchema },
        answer: (request) => putAssignment(store, request),
      },
      {
        method: 'delete',
        summary: 'Take an assignment back, whenever it expires',
        headers: conditionalHeaders,
        request: assignmentSchema,
        responses: { 200: deletionSchema },
        answer: (request) => {
          refuseOtherParameters(request.query, [])
          if (request.body === undefined) {
            throw new PdpServerError('malformed-request', 'name the assignment in the body, or by its id')
          }
          checkShape(assignmentSchema, request.body)
          return deleteAssignment(store, request, assignmentIdOf(request.body as unknown as AssignmentRecord))
        },
      },
    ],
  })
  addResource(app, context, {
    path: '/assignments/:id',
    params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
    methods: [
      {
        method: 'get',
        summary: 'An assignment as it is stored',
        responses: { 200: assignmentRowSchema },
        answer: (request) => readAssignment(context, store, request),
      },
      {
        method: 'delete',
        summary: 'Take an assignment back',
        headers: conditionalHeaders,
        responses: { 200: deletionSchema },
        answer: (request) => {
          refuseOtherParameters(request.query, [])
          return deleteAssignment(store, request, request.segments[1] ?? '')
        },
      },
    ],
  })
}

function putAssignment(store: WritableStore, request: ResourceRequest): Promise<ResourceReply> {
  refuseOtherParameters(request.query, [])
  checkShape(assignmentSchema, request.body)
  const assignment = request.body as JsonObject
  const put = { kind: 'put-assignment', assignment, path: '$', ...readConditions(request.exchange) } as const
  return carryOut(store, request, [put], ({ steps, number, outcomes: [outcome], warnings }) => {
    const own = steps.length > 0 ? number : (outcome?.number ?? number)
    const [step] = steps
    const record = step?.kind === 'assignment' ? step.after[0] : undefined
    const row = { id: outcome?.assignmentId ?? '', record: record ?? (assignment as never), number: own }
    const body = JSON.stringify({ ...toJson(row), ...toWarnings(warnings) })
    return { status: outcome?.isNew === true ? 201 : 200, etag: toEtag(own), body }
  })
}

function deleteAssignment(
  store: WritableStore,
  request: ResourceRequest,
  id: string,
): Promise<ResourceReply> {
  const gone = { kind: 'delete-assignment', id, path: '$', ...readConditions(request.exchange) } as const
  return carryOut(store, request, [gone], () => ({
    status: 200,
    body: JSON.stringify({ deleted: true, assignments: 1 }),
  }))
}

function readAssignment(
  { pdp }: RouteContext,
  store: WritableStore,
  { exchange, query, segments }: ResourceRequest,
): ResourceReply {
  refuseOtherParameters(query, [])
  tellState(exchange, { numbers: pdp.current()?.numbers, isStale: false })
  const row = store.assignment(segments[1] ?? '')
  if (row === undefined) throw new PdpServerError('not-found', 'there is no such assignment')
  const headers = { ETag: toEtag(row.number) }
  const known = exchange.header('if-none-match')
  if (known !== undefined && matches(known, row.number, 'If-None-Match'))
    return { status: 304, body: '', headers }
  return { status: 200, body: JSON.stringify(toJson(row)), headers }
}

function listAssignments(
  { pdp }: RouteContext,
  store: WritableStore,
  { exchange, query }: ResourceRequest,
): ResourceReply {
  refuseOtherParameters(query, ['role', 'to', 'on', 'limit', 'after'])
  tellState(exchange, { numbers: pdp.current()?.numbers, isStale: false })
  const limit = readLimit(query)
  const rows = store.assignments({
    role: query.get('role'),
    to: readSide(query, 'to', target),
    on: readSide(query, 'on', place),
    after: query.get('after'),
    limit: limit + 1,
  })
  const page = rows.slice(0, limit)
  const next = rows.length > limit ? page.at(-1)?.id : undefined
  return { status: 200, body: JSON.stringify({ assignments: page.map(toJson), next }) }
}

const SIDE_DEPTH = 4

const name = z.string()
const entity = z.strictObject({ type: name, id: name })
const place = z.union([z.literal('*'), entity, z.strictObject({ type: name })])
const target = z.union([place, z.strictObject({ role: name, on: entity })])

/** `*`, or JSON as in an assignment. */
function readSide<T>(query: ReadonlyMap<string, string>, side: string, schema: z.ZodType<T>): T | undefined {
  const text = query.get(side)
  if (text === undefined) return undefined
  const parsed = text === '*' ? { value: text } : parseJson(text, SIDE_DEPTH)
  const read = schema.safeParse('value' in parsed ? parsed.value : undefined)
  if (read.success) return read.data
  throw new PdpServerError(
    'malformed-request',
    `\`${side}\` must be * or JSON, such as {"type":"User","id":"ann"}`,
  )
}

function toJson({ id, record, number }: AssignmentRow): object {
  return { id, ...record, number }
}
