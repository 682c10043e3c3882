// Every operation on entity data of the OpenAPI document, asked with what the document allows and with all else:
// whatever comes, the answer is one that the document declares.
import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStoreService, type StoreService } from '../test-support/entity-store.ts'
import { arbitraryOf, findMisfit } from '../test-support/json-schema.ts'
import type { Reply } from '../test-support/service.ts'

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: unknown }>>
}
interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
}
interface Operation {
  readonly requestBody?: Content
  readonly parameters?: readonly Parameter[]
  readonly responses: Readonly<Record<string, Content>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

let service: StoreService
let document: Document
beforeAll(async () => {
  service = await createStoreService({ limits: { maxBatchLength: 3 } })
  document = (await service.ask('/openapi.json')).json as Document
})
afterAll(() => service.close())

const PATHS = [
  '/entities',
  '/entities/{type}',
  '/entities/{type}/{id}',
  '/assignments',
  '/assignments/{id}',
  '/admin/batch',
] as const

const name = fc.constantFrom(
  'User',
  'Team',
  'Doc',
  '__proto__',
  'ann',
  'd1',
  '',
  '..',
  'true',
  '2',
  '*',
  '\u0000',
)
const words = fc.oneof(name, fc.string({ unit: 'grapheme', maxLength: 5 }))
/** Others are another address once it is normalised. */
const segment = words.filter((word) => !['', '.', '..'].includes(word))
const etag = fc.constantFrom('*', '"1"', 'W/"1"', '"1798761600001"', 'x', '"k"')

/** A value that the schema allows, with names that the policies know put in place of others. */
function withKnownNames(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withKnownNames)
  if (typeof json !== 'object' || json === null) return json
  const known = { type: 'User', id: 'ann', role: 'viewer', to: '*', on: { type: 'Doc', id: 'd1' }, with: {} }
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      Object.hasOwn(known, key) ? known[key as keyof typeof known] : withKnownNames(value),
    ]),
  )
}

interface Sent {
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

function arbitrarySent(path: string, { parameters = [], requestBody }: Operation): fc.Arbitrary<Sent> {
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema
  const body =
    schema === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          arbitraryOf(schema, document.components.schemas).map(withKnownNames),
          arbitraryOf(schema, document.components.schemas),
          fc.jsonValue(),
        )
  const named = (place: Parameter['in'], value: fc.Arbitrary<string>) => {
    const names = parameters.filter((one) => one.in === place).map((one) => [one.name, value] as const)
    const all = fc.record(Object.fromEntries(names), place === 'path' ? {} : { requiredKeys: [] })
    return place === 'path' ? all : fc.oneof(fc.constant({}), all)
  }
  return fc
    .record({
      path: named('path', segment),
      query: named('query', words),
      headers: named('header', etag),
      body,
    })
    .map((drawn) => {
      const filled = path.replace(/\{(\w+)\}/g, (_, key: string) =>
        encodeURIComponent((drawn.path as Record<string, string>)[key] ?? ''),
      )
      const query = Object.entries(drawn.query as Record<string, string>)
      const search = query.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')
      return {
        address: search === '' ? filled : `${filled}?${search}`,
        headers: drawn.headers as Sent['headers'],
        body: drawn.body,
      }
    })
}

/** What is wrong with an answer, by what the document says of it. */
function judge({ responses }: Operation, { status, headers, json, text }: Reply): string | undefined {
  const response = responses[status] ?? responses.default
  if (response === undefined || status >= 500) return `status ${status}: ${text}`
  const type = headers.get('content-type') ?? ''
  const declared = response.content?.[type]
  if (declared === undefined) return `status ${status}: content type ${type}`
  return findMisfit(json, declared.schema, document.components.schemas)
}

describe('the OpenAPI document of entity data', () => {
  it('declares what is answered, whatever comes', async () => {
    const seen = new Set<number>()
    for (const path of PATHS) {
      for (const [method, operation] of Object.entries(document.paths[path] ?? {})) {
        await fc.assert(
          fc.asyncProperty(arbitrarySent(path, operation), async ({ address, headers, body }) => {
            const reply = await service.ask(address, {
              method: method.toUpperCase(),
              headers,
              ...(body !== undefined && { body: JSON.stringify(body) }),
            })
            // An address that is another once it is normalised, or that no route takes.
            if (reply.status === 404 || reply.status === 405) return
            seen.add(reply.status)
            expect([address, judge(operation, reply)]).toEqual([address, undefined])
          }),
          { numRuns: Math.max(15, Number(process.env.FC_NUM_RUNS ?? 0)) },
        )
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining([200, 201, 400, 412]))
  })

  it('names each address and method once', () => {
    const listed = PATHS.map((path) => [path, Object.keys(document.paths[path] ?? {}).sort()])
    expect(Object.fromEntries(listed)).toEqual({
      '/entities': ['delete', 'get', 'patch', 'put'],
      '/entities/{type}': ['get'],
      '/entities/{type}/{id}': ['delete', 'get', 'patch', 'put'],
      '/assignments': ['delete', 'get', 'put'],
      '/assignments/{id}': ['delete', 'get'],
      '/admin/batch': ['post'],
    })
  })
})
