// Every operation of the OpenAPI document is asked with what the document allows, and with that changed. Whatever comes,
// the answer is one that the document declares.
import { fc } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createRevocations } from '../authentication/tokens/revocations.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { arbitraryOf, findMisfit } from '../test-support/json-schema.ts'
import { type Ask, createAsk, createTestPdp, type Reply } from '../test-support/service.ts'

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: unknown }>>
}
interface Operation {
  readonly requestBody?: Content
  readonly parameters?: readonly { readonly name: string; readonly schema: unknown }[]
  readonly responses: Readonly<Record<string, Content>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

const revocations = createRevocations({ path: undefined, log: NO_LOG, now: Date.now })
const options = {
  publicUrl: 'https://pdp.example.com',
  revocations,
  limits: { maxBatchLength: 5, maxListLength: 5 },
}
const ask = createAsk(options)
/** The types are the same, and no rule allows anything. */
const askEmpty = createAsk({
  ...options,
  pdp: createTestPdp('subject User\nresource Doc { actions read, write, delete, export }', {}),
})

const document = (await ask('/openapi.json')).json as Document
const { schemas } = document.components
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

interface Sent {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** What makes another request of one: parts of the body exchanged, dropped, added or wrapped. */
const changes = fc.array(
  fc.record({
    kind: fc.constantFrom('replace', 'drop', 'add', 'wrap', 'empty'),
    at: fc.nat(30),
    value: fc.oneof(
      fc.constantFrom<unknown>(null, '', 0, -1, 1e308, true, [], {}, '\u0000', '__proto__'),
      fc.jsonValue(),
    ),
  }),
  { maxLength: 3 },
)
type Changes = typeof changes extends fc.Arbitrary<infer T> ? T : never

/** As a member of its own, whatever its name. */
function put(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
}

function change(body: unknown, list: Changes): unknown {
  const box: Record<string, unknown> = { body: structuredClone(body) }
  for (const { kind, at, value } of list) {
    const places: { holder: Record<string, unknown>; name: string }[] = [{ holder: box, name: 'body' }]
    for (const { holder, name } of places) {
      const inner = holder[name]
      if (typeof inner !== 'object' || inner === null) continue
      for (const key of Object.keys(inner))
        places.push({ holder: inner as Record<string, unknown>, name: key })
    }
    const place = places[at % places.length]
    if (place === undefined) continue
    const { holder, name } = place
    if (kind === 'drop' && places.length > 1) delete holder[name]
    else if (kind === 'add') put(holder, '__proto__', value)
    else if (kind === 'wrap') put(holder, name, [holder[name]])
    else put(holder, name, kind === 'empty' ? {} : value)
  }
  return box.body
}

function sentTo({ requestBody, parameters = [] }: Operation, isChanged: boolean): fc.Arbitrary<Sent> {
  const schema = requestBody?.content?.['application/json']?.schema
  const body = schema === undefined ? fc.constant(undefined) : arbitraryOf(schema, schemas)
  const odd = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) })
  const headers = Object.fromEntries(
    parameters.map(({ name, schema }) => [name, isChanged ? odd : arbitraryOf(schema, schemas)]),
  )
  const drawn = fc.record({ body, headers: fc.record(headers, { requiredKeys: [] }), list: changes })
  return drawn
    .map(({ body, headers, list }) => ({
      body: isChanged && body !== undefined ? change(body, list) : body,
      headers: headers as Readonly<Record<string, string>>,
    }))
    .filter(({ headers }) => canBeSent(headers))
}

function canBeSent(headers: Readonly<Record<string, string>>): boolean {
  try {
    new Headers(headers)
    return true
  } catch {
    return false
  }
}

/** How often an operation is asked; those without a body are soon through. */
function runs({ requestBody }: Operation, few: number): number {
  return requestBody === undefined ? 5 : Math.max(few, Number(process.env.FC_NUM_RUNS ?? 0))
}

/** What is wrong with an answer, by what the document says of it. */
function judge({ responses }: Operation, { status, headers, json, text }: Reply): string | undefined {
  const response = responses[status] ?? responses.default
  if (response === undefined || status >= 500) return `status ${status}: ${text}`
  const type = headers.get('content-type')?.split(';')[0] ?? ''
  const declared = response.content?.[type]
  if (declared === undefined) return `content type ${type}`
  return findMisfit(type.endsWith('json') ? json : text, declared.schema, schemas)
}

async function send(to: Ask, path: string, method: string, { body, headers }: Sent): Promise<Reply> {
  return to(path, {
    method: method.toUpperCase(),
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** What a schema cannot say: a batch without items has to be a whole question, tokens of pages are of some page. */
function wanted(path: string): number | object {
  return /^\/access\/v1\/(evaluations$|search\/)/.test(path) ? expect.any(Number) : 200
}

describe('the OpenAPI document', () => {
  it('declares the answers to what it allows, and refuses none of it', async () => {
    for (const { path, method, operation } of operations) {
      await fc.assert(
        fc.asyncProperty(sentTo(operation, false), async (sent) => {
          const reply = await send(ask, path, method, sent)
          expect([path, judge(operation, reply), reply.status]).toEqual([path, undefined, wanted(path)])
        }),
        { numRuns: runs(operation, 40) },
      )
    }
  })

  it('declares the answers to all else', async () => {
    for (const { path, method, operation } of operations) {
      await fc.assert(
        fc.asyncProperty(sentTo(operation, true), async (sent) => {
          const reply = await send(ask, path, method, sent)
          expect([path, judge(operation, reply)]).toEqual([path, undefined])
        }),
        { numRuns: runs(operation, 80) },
      )
    }
  })

  it('declares nothing that is allowed without a rule', async () => {
    for (const { path, method, operation } of operations) {
      if (operation.requestBody === undefined) continue
      for (const isChanged of [false, true]) {
        await fc.assert(
          fc.asyncProperty(sentTo(operation, isChanged), async (sent) => {
            const { text } = await send(askEmpty, path, method, sent)
            expect(text).not.toMatch(/"decision":("allow"|true)/)
          }),
          { numRuns: runs(operation, 30) },
        )
      }
    }
  })

  it('reaches allows and denials, refusals and batches', async () => {
    const seen = new Set<string>()
    const decide = operations.find(({ path }) => path === '/decide')
    if (decide === undefined) throw new Error('no /decide')
    for (const isChanged of [false, true]) {
      for (const sent of fc.sample(sentTo(decide.operation, isChanged), 100)) {
        const { status, text } = await send(ask, '/decide', 'post', sent)
        for (const word of ['"allow"', '"deny"', '"answers"', '"nearestMisses"', 'unknownType']) {
          if (text.includes(word)) seen.add(word)
        }
        seen.add(String(status))
      }
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        '200',
        '400',
        '"allow"',
        '"deny"',
        '"answers"',
        '"nearestMisses"',
        'unknownType',
      ]),
    )
  })
})
