import type { JsonEntityRef, JsonObject } from '@edict/policy-lang/program'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Plan } from '../entity-store/plan-write.ts'
import { matches, toEtag } from '../entity-store/preconditions.ts'
import type { EntityRow, WritableStore } from '../entity-store/writable-store.ts'
import { PdpServerError } from '../errors.ts'
import {
  deletionSchema,
  entityContentSchema,
  entityListSchema,
  entityPatchSchema,
  entityRowSchema,
  toEntityContent,
} from '../wire/entity-writes.ts'
import { carryOut, conditionalHeaders, readConditions, toWarnings } from './entity-write.ts'
import {
  addResource,
  entityParams,
  type Operations,
  type ResourceReply,
  type ResourceRequest,
  refuseOtherParameters,
} from './resource.ts'
import type { RouteContext } from './route.ts'
import { tellState } from './tell-state.ts'

const MAX_PAGE = 1000
const DEFAULT_PAGE = 100

const pageQuery = {
  limit: z
    .string()
    .optional()
    .openapi({ description: `At most ${MAX_PAGE}; default ${DEFAULT_PAGE}` }),
  after: z.string().optional().openapi({ description: '`next` of the page before' }),
}

const namedInQuery = { type: z.string().optional(), id: z.string().optional() }

/** `/entities/{type}/{id}`: one; `/entities/{type}`: all of a type. `/entities?type=…&id=…` names any, whatever its id. */
export function addEntityRoutes(app: OpenAPIHono, context: RouteContext, store: WritableStore): void {
  const inPath = (request: ResourceRequest): JsonEntityRef => {
    refuseOtherParameters(request.query, request.method === 'delete' ? ['cascade'] : [])
    const [, type = '', id = ''] = request.segments
    return { type, id }
  }
  addResource(app, context, {
    path: '/entities/:type/:id',
    params: entityParams,
    methods: oneEntity(context, store, inPath),
  })
  addResource(app, context, {
    path: '/entities/:type',
    params: entityParams.pick({ type: true }),
    methods: [
      {
        method: 'get',
        summary: 'Entities of a type, by id',
        query: z.object(pageQuery),
        responses: { 200: entityListSchema },
        answer: (request) => {
          refuseOtherParameters(request.query, ['limit', 'after'])
          return listEntities(context, store, request, request.segments[1] ?? '')
        },
      },
    ],
  })
  addResource(app, context, {
    path: '/entities',
    methods: oneEntity(context, store, inQuery).map((operation) => {
      const query = (operation.query ?? z.object({})).extend(namedInQuery)
      if (operation.method !== 'get') return { ...operation, query }
      return {
        ...operation,
        summary: 'An entity as it is stored, or without `id` all of a type',
        query: query.extend(pageQuery),
        responses: { 200: z.union([entityRowSchema, entityListSchema]) },
        answer: (request) => readOneOrAll(context, store, request),
      }
    }),
  })
}

/** For ids that no path can hold: `..`, `.` and the empty one. */
function inQuery({ query, method }: ResourceRequest): JsonEntityRef {
  refuseOtherParameters(query, method === 'delete' ? ['type', 'id', 'cascade'] : ['type', 'id'])
  const [type, id] = [query.get('type'), query.get('id')]
  if (type === undefined || id === undefined) {
    throw new PdpServerError(
      'malformed-request',
      'name the entity: /entities/TYPE/ID, or /entities?type=TYPE&id=ID',
    )
  }
  return { type, id }
}

function readOneOrAll(context: RouteContext, store: WritableStore, request: ResourceRequest): ResourceReply {
  const { query } = request
  if (query.has('id')) return readOne(context, store, request, inQuery(request))
  refuseOtherParameters(query, ['type', 'limit', 'after'])
  const type = query.get('type')
  if (type === undefined) throw new PdpServerError('malformed-request', 'name a type: /entities/TYPE')
  return listEntities(context, store, request, type)
}

function oneEntity(
  context: RouteContext,
  store: WritableStore,
  toRef: (request: ResourceRequest) => JsonEntityRef,
): readonly Operations[] {
  return [
    {
      method: 'get',
      summary: 'An entity as it is stored',
      responses: { 200: entityRowSchema },
      answer: (request) => readOne(context, store, request, toRef(request)),
    },
    {
      method: 'put',
      summary: 'Store an entity, in place of what was there',
      headers: conditionalHeaders,
      request: entityContentSchema,
      responses: { 200: entityRowSchema, 201: entityRowSchema },
      answer: (request) => {
        const ref = toRef(request)
        const content = toEntityContent(request.body as JsonObject, ref)
        const put = {
          kind: 'put-entity',
          ref,
          content,
          path: '$',
          ...readConditions(request.exchange),
        } as const
        return carryOut(store, request, [put], toEntityReply(ref))
      },
    },
    {
      method: 'patch',
      summary: 'Change an entity by a JSON merge patch',
      headers: conditionalHeaders,
      request: entityPatchSchema,
      requestTypes: ['application/merge-patch+json'],
      responses: { 200: entityRowSchema },
      answer: (request) => {
        const ref = toRef(request)
        const patch = toEntityContent(request.body as JsonObject, ref)
        const change = {
          kind: 'patch-entity',
          ref,
          patch,
          path: '$',
          ...readConditions(request.exchange),
        } as const
        return carryOut(store, request, [change], toEntityReply(ref))
      },
    },
    {
      method: 'delete',
      summary: 'Delete an entity; with `cascade`, also the assignments that name it',
      headers: conditionalHeaders,
      query: z.object({ cascade: z.enum(['true', 'false']).optional() }),
      responses: { 200: deletionSchema },
      answer: (request) => {
        const ref = toRef(request)
        const cascade = readCascade(request)
        const gone = {
          kind: 'delete-entity',
          ref,
          cascade,
          path: '$',
          ...readConditions(request.exchange),
        } as const
        return carryOut(store, request, [gone], toDeletionReply)
      },
    },
  ]
}

function readOne(
  { pdp }: RouteContext,
  store: WritableStore,
  { exchange }: ResourceRequest,
  ref: JsonEntityRef,
): ResourceReply {
  tellState(exchange, { numbers: pdp.current()?.numbers, isStale: false })
  const row = store.entity(ref)
  if (row === undefined) throw new PdpServerError('not-found', 'there is no such entity')
  const headers = { ETag: toEtag(row.number) }
  const known = exchange.header('if-none-match')
  if (known !== undefined && matches(known, row.number, 'If-None-Match'))
    return { status: 304, body: '', headers }
  return { status: 200, body: JSON.stringify(toJson(row)), headers }
}

function listEntities(
  { pdp }: RouteContext,
  store: WritableStore,
  { exchange, query }: ResourceRequest,
  type: string,
): ResourceReply {
  tellState(exchange, { numbers: pdp.current()?.numbers, isStale: false })
  const limit = readLimit(query)
  const rows = store.entitiesOf(type, query.get('after'), limit + 1)
  const page = rows.slice(0, limit)
  const next = rows.length > limit ? page.at(-1)?.ref.id : undefined
  return { status: 200, body: JSON.stringify({ entities: page.map(toJson), next }) }
}

/** Throws `PdpServerError` `malformed-request`. */
export function readLimit(query: ReadonlyMap<string, string>): number {
  const text = query.get('limit') ?? String(DEFAULT_PAGE)
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MAX_PAGE) return limit
  throw new PdpServerError('malformed-request', `\`limit\` must be a whole number from 1 to ${MAX_PAGE}`)
}

function readCascade({ query }: ResourceRequest): boolean {
  const text = query.get('cascade') ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new PdpServerError('malformed-request', '`cascade` must be true or false')
}

function toEntityReply(ref: JsonEntityRef) {
  return ({ store, steps, number, warnings, outcomes }: Plan) => {
    const stored = store.entity(ref)
    const content = typeof stored === 'string' ? {} : (stored as unknown as JsonObject)
    // Where nothing changed, its number is the one that it had.
    const own = steps.length > 0 ? number : outcomes[0]?.number
    const body = JSON.stringify({
      ...toJson({ ref, content, number: own ?? number }),
      ...toWarnings(warnings),
    })
    return { status: outcomes[0]?.isNew === true ? 201 : 200, etag: toEtag(own ?? number), body }
  }
}

function toDeletionReply({ steps }: Plan) {
  const assignments = steps.filter(({ kind }) => kind === 'assignment').length
  return { status: 200, body: JSON.stringify({ deleted: true, assignments }) }
}

function toJson({ ref, content, number }: EntityRow): object {
  return { type: ref.type, id: ref.id, properties: content.properties, parents: content.parents, number }
}
