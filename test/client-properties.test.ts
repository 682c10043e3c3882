import {
  type Answer,
  createPdpClient,
  type DecisionRequest,
  type PdpClient,
  PdpClientError,
  type ResourceSearch,
} from '@edict/pdp-client'
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

const ALLOW: Answer = {
  decision: 'allow',
  reasons: [{ rule: 'r' }],
  obligations: [],
  advice: [],
  errors: [],
  errorCount: 0,
  policyVersion: 'v',
  cacheable: false,
}
const REQUEST: DecisionRequest = {
  subject: { type: 'User', id: 'ann' },
  action: { name: 'read' },
  resource: { type: 'Document', id: 'd1' },
}
const MEMBERS = Object.keys(ALLOW) as (keyof Answer)[]

/** A client whose every exchange ends with this body. */
function clientOf(text: string, init: ResponseInit = {}): PdpClient {
  return createPdpClient({
    url: 'http://127.0.0.1',
    requestId: false,
    timeoutMs: 10_000,
    fetch: async () => new Response(text, { headers: { 'content-type': 'application/json' }, ...init }),
  })
}

/** An allow with one member exchanged for anything, or taken away. */
const damaged = fc
  .tuple(fc.constantFrom(...MEMBERS), fc.option(fc.jsonValue(), { nil: undefined }))
  .map(([name, value]) => ({ name, value, answer: { ...ALLOW, [name]: value } }))

/** A page of results, some of them of another kind. */
const found = fc.record({ type: fc.constantFrom('Document', 'Document', 'User'), id: fc.string() })
const searchAnswers = fc.record(
  {
    results: fc.array(fc.oneof({ weight: 8, arbitrary: found }, fc.jsonValue()), { maxLength: 4 }),
    // None leads on: the pages would not end.
    page: fc.constantFrom<unknown>({ next_token: '' }, {}, { next_token: 7 }, null, [], 'x'),
  },
  { requiredKeys: ['results'] },
)

async function searchAll(pdp: PdpClient, request: unknown = REQUEST): Promise<unknown> {
  try {
    return await pdp.searchResources(request as ResourceSearch).all()
  } catch (error) {
    return error
  }
}

describe('the client', () => {
  test.prop([fc.jsonValue()])('takes no JSON value for an allow', async (value) => {
    const pdp = clientOf(JSON.stringify(value))
    expect((await pdp.decide(REQUEST)).decision).toBe('deny')
    expect(await pdp.can(REQUEST)).toBe(false)
  })

  test.prop([fc.string()])('takes no text for an allow', async (text) => {
    expect((await clientOf(text).decide(REQUEST)).decision).toBe('deny')
  })

  test.prop([damaged])('takes a damaged answer for an allow only where it still says so', async (one) => {
    const answer = await clientOf(JSON.stringify(one.answer)).decide(REQUEST)
    if (one.name === 'decision') expect(answer.decision).toBe(one.value === 'allow' ? 'allow' : 'deny')
    // What was lost may have been an obligation, or the key to a cache.
    if (one.value === undefined)
      expect(answer).toMatchObject({ decision: 'deny', error: { code: 'bad-response' } })
    if (answer.decision === 'allow') expect(answer.error).toBeUndefined()
  })

  test.prop([fc.integer({ min: 200, max: 599 }).filter((status) => ![200, 204, 205, 304].includes(status))])(
    'takes an allow with another status than 200 for none',
    async (status) => {
      expect(await clientOf(JSON.stringify(ALLOW), { status }).can(REQUEST)).toBe(false)
    },
  )

  test.prop([fc.nat({ max: 1000 })])('takes a part of an allow for none', async (length) => {
    const text = JSON.stringify(ALLOW)
    expect(await clientOf(text.slice(0, length % text.length)).can(REQUEST)).toBe(false)
  })

  test.prop([
    fc.array(
      fc.oneof(
        fc.constant(ALLOW),
        damaged.map(({ answer }) => answer),
        fc.jsonValue(),
      ),
    ),
    fc.nat(5),
  ])('gives each question of a batch one answer, whatever comes', async (items, extra) => {
    const requests = Array.from({ length: items.length + extra }, () => REQUEST)
    const answers = await clientOf(JSON.stringify({ answers: items })).decideMany(requests)
    expect(answers).toHaveLength(requests.length)
    if (extra > 0) expect(answers.every((answer) => answer.decision === 'deny')).toBe(true)
    for (const [index, item] of items.entries()) {
      if (extra === 0 && item === ALLOW) expect(answers[index]).toEqual(ALLOW)
    }
  })

  test.prop([fc.oneof(fc.jsonValue(), searchAnswers)])(
    'gives all results of a search as they came, or an error, and never some for all',
    async (body) => {
      const outcome = await searchAll(clientOf(JSON.stringify(body)))
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(PdpClientError)
      else expect(outcome).toEqual((body as { results: unknown }).results)
    },
  )

  test.prop([fc.anything({ withMap: true, withDate: true, withNullPrototype: true })])(
    'throws nothing but its own error, whatever it is to search for',
    async (request) => {
      const pdp = clientOf('{}')
      expect(await searchAll(pdp, request)).toBeInstanceOf(PdpClientError)
      expect(await searchAll(pdp, { ...REQUEST, context: { value: request } })).toBeInstanceOf(PdpClientError)
    },
  )

  test.prop([
    fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true, withNullPrototype: true }),
  ])('never throws, whatever it is asked', async (request) => {
    const pdp = clientOf('{}')
    expect((await pdp.decide(request as DecisionRequest)).decision).toBe('deny')
    expect(await pdp.can(request as DecisionRequest)).toBe(false)
    expect(await pdp.can({ ...REQUEST, context: { value: request } } as DecisionRequest)).toBe(false)
    const [answer] = await pdp.decideMany([request as DecisionRequest])
    expect(answer?.decision).toBe('deny')
  })
})
