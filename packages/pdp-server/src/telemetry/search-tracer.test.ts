import { trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import { registerSdk } from '../test-support/register-sdk.ts'
import { ann, createAsk, createTestPdp, DATA, eve, open, POLICY } from '../test-support/service.ts'
import { createSearchTracer, type SearchTracer } from './search-tracer.ts'
import type { SpanIds } from './trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`

/** Searches with spans, and what the service is told of them. */
function createTraced() {
  const made = registerSdk()
  const tracer = createSearchTracer() as SearchTracer
  const spans: SpanIds[] = []
  const pdp = createTestPdp(POLICY, DATA, { onSearch: (record) => void spans.push(tracer(record)) })
  return { made, spans, ask: createAsk({ pdp }) }
}

afterEach(() => trace.disable())

describe('createSearchTracer', () => {
  it('is nothing where no SDK is registered', () => {
    expect(createSearchTracer()).toBeUndefined()
  })

  it('makes one span of a page, below that of the caller: how much was found, by what, and how long it took', async () => {
    const { made, spans, ask } = createTraced()
    const body = {
      subject: { ...eve, properties: { team: 'secret-team' } },
      action: { name: 'read' },
      resource: { type: 'Doc', id: 'ignored' },
      context: { ip: '10.0.0.1' },
      page: { limit: 1 },
    }
    const { headers, json } = await ask('/access/v1/search/resource', { body, headers: { traceparent } })
    expect(json).toMatchObject({ results: [open] })
    expect(made).toEqual([
      {
        name: 'edict.search',
        parent: expect.objectContaining({ traceId: TRACE, spanId: 'b7ad6b7169203331', isRemote: true }),
        options: {
          startTime: expect.any(Number),
          attributes: {
            'edict.decision.id': headers.get('edict-decision-id'),
            'edict.search.kind': 'resource',
            'edict.search.results': 1,
            'edict.search.is_cut': true,
            'edict.action': 'read',
            'edict.resource.type': 'Doc',
            'edict.subject.type': 'User',
            'edict.policy.version': headers.get('edict-policy-version'),
            'edict.data.version': expect.stringMatching(/./),
          },
        },
        end: expect.any(Number),
      },
    ])
    expect(Number(made[0]?.end)).toBeGreaterThan(Number(made[0]?.options.startTime))
    expect(spans).toEqual([{ traceId: TRACE, spanId: '1'.repeat(16) }])
  })

  it('names nobody and nothing that was asked about or found', async () => {
    const { made, ask } = createTraced()
    const reading = { subject: ann, action: { name: 'read' }, resource: open }
    for (const kind of ['subject', 'resource', 'action']) {
      const { json } = await ask(`/access/v1/search/${kind}`, { body: reading })
      expect(json).toMatchObject({ results: expect.arrayContaining([expect.anything()]) })
    }
    expect(made.map(({ options }) => options.attributes?.['edict.search.kind'])).toEqual([
      'subject',
      'resource',
      'action',
    ])
    const { 'edict.action': action } = made[2]?.options.attributes ?? {}
    expect(action).toBeUndefined()
    for (const { options } of made) {
      const values = Object.values(options.attributes ?? {})
      expect(values).not.toContain(ann.id)
      expect(values).not.toContain(open.id)
    }
  })

  it('makes none of a search that is refused', async () => {
    const { made, ask } = createTraced()
    const { status } = await ask('/access/v1/search/action', { body: { subject: ann } })
    expect([status, made]).toEqual([400, []])
  })
})
