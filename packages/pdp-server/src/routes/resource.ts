// Addresses that answer several methods, with JSON in and out: what is stored there can be read and written.
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { PdpServerError } from '../errors.ts'
import { requireScope } from '../middleware/authenticate-caller.ts'
import { sendProblem } from '../middleware/errors.ts'
import { exchangeOf } from '../middleware/exchange.ts'
import type { Exchange } from '../middleware/gate.ts'
import { problemSchema, toProblem } from '../wire/problem.ts'
import { checkHead, type JsonBody, parseBody, readBytes } from '../wire/read-body.ts'
import type { RouteContext } from './route.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** One request for a resource, read. */
export interface ResourceRequest {
  readonly method: Method
  readonly exchange: Exchange
  /** Parts of the path, each percent-decoded once. */
  readonly segments: readonly string[]
  readonly query: ReadonlyMap<string, string>
  /** Path and query as they came. */
  readonly address: string
  /** Undefined where there is none. */
  readonly body: JsonBody | undefined
  readonly bytes: Uint8Array
}

export interface ResourceReply {
  readonly status: number
  /** JSON. */
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Operations {
  readonly method: Method
  readonly summary: string
  readonly description?: string
  readonly request?: z.ZodType
  /** Types of the body. Default: `application/json` alone. */
  readonly requestTypes?: readonly string[]
  readonly query?: z.ZodObject
  readonly headers?: z.ZodObject
  /** By status. */
  readonly responses: Readonly<Record<number, z.ZodType>>
  readonly answer: (request: ResourceRequest) => ResourceReply | Promise<ResourceReply>
}

export interface Resource {
  /** As Hono writes it: `/entities/:type/:id`. */
  readonly path: string
  readonly params?: z.ZodObject
  readonly methods: readonly Operations[]
}

/** Only callers with the scope `admin` are answered, whatever the gates in front let through. */
export function addResource(app: OpenAPIHono, context: RouteContext, resource: Resource): void {
  const { path, methods } = resource
  for (const operation of methods) describe(app, resource, operation)
  const allow = methods.map(({ method }) => method.toUpperCase()).join(', ')
  app.all(path, async (c) => {
    const exchange = exchangeOf(c)
    requireScope(exchange, 'admin')
    const name = c.req.method === 'HEAD' ? 'GET' : c.req.method
    const operation = methods.find(({ method }) => method.toUpperCase() === name)
    if (operation === undefined) {
      const problem = toProblem(405, `${c.req.method} is not answered here, but ${allow}`)
      return sendProblem(c, problem, { Allow: allow })
    }
    const { status, body, headers = {} } = await operation.answer(await read(c, exchange, operation, context))
    const type = status >= 400 ? 'application/problem+json' : 'application/json'
    if (status === 304) return c.body(null, 304, headers)
    return c.body(body, status as ContentfulStatusCode, { 'Content-Type': type, ...headers })
  })
}

async function read(
  c: Context,
  exchange: Exchange,
  { method, request, requestTypes = [] }: Operations,
  { limits }: RouteContext,
): Promise<ResourceRequest> {
  const { pathname, search } = splitAddress(c.req.url)
  const bytes = method === 'get' ? NO_BYTES : await readBytes(c.req.raw, limits.maxBodyBytes)
  const hasBody = request !== undefined && (method !== 'delete' || bytes.byteLength > 0)
  if (hasBody) {
    const type = exchange.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
    const header = (name: string) =>
      name === 'content-type' && requestTypes.includes(type) ? 'application/json' : exchange.header(name)
    checkHead(header, 'unsupported-media-type')
  } else if (bytes.byteLength > 0) {
    throw new PdpServerError('malformed-request', 'a body means nothing here')
  }
  return {
    method,
    exchange,
    segments: pathname.split('/').slice(1).map(decode),
    query: readQuery(search),
    address: `${pathname}${search}`,
    body: hasBody ? parseBody(bytes, limits.maxDepth) : undefined,
    bytes,
  }
}

const NO_BYTES = new Uint8Array()

function splitAddress(url: string): { readonly pathname: string; readonly search: string } {
  const { pathname, search } = new URL(url)
  return { pathname, search }
}

/** Names once each, all decoded strictly: what is doubtful is refused, not read in one of several ways. */
function readQuery(search: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>()
  for (const pair of search.replace(/^\?/, '').split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at))
    if (query.has(name))
      throw new PdpServerError('malformed-request', `\`${name}\` stands twice in the address`)
    query.set(name, at < 0 ? '' : decode(pair.slice(at + 1).replaceAll('+', ' ')))
  }
  return query
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new PdpServerError('malformed-request', 'the address is not percent-encoded UTF-8', { cause })
  }
}

/** Throws `PdpServerError` `malformed-request` where the address asks for what nobody knows. */
export function refuseOtherParameters(query: ReadonlyMap<string, string>, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (known.includes(name)) continue
    throw new PdpServerError(
      'malformed-request',
      `\`${name.slice(0, 100)}\` means nothing in the address; here are known: ${known.join(', ')}`,
    )
  }
}

function describe(app: OpenAPIHono, { path, params }: Resource, operation: Operations): void {
  const { method, summary, description, request, requestTypes = [], query, headers, responses } = operation
  const types = ['application/json', ...requestTypes]
  app.openAPIRegistry.registerPath({
    method,
    path: path.replace(/:(\w+)/g, '{$1}'),
    summary,
    ...(description !== undefined && { description }),
    request: {
      ...(params !== undefined && { params }),
      ...(query !== undefined && { query }),
      ...(headers !== undefined && { headers }),
      ...(request !== undefined && {
        body: {
          required: method !== 'delete',
          content: Object.fromEntries(types.map((type) => [type, { schema: request }])),
        },
      }),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, schema]) => [
          status,
          { description: 'The answer', content: { 'application/json': { schema } } },
        ]),
      ),
      default: {
        description: 'No answer, but why there is none',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
  })
}

/** Of addresses that hold the name of an entity. */
export const entityParams = z.object({
  type: z.string().openapi({ param: { name: 'type', in: 'path' } }),
  id: z.string().openapi({ param: { name: 'id', in: 'path' } }),
})
