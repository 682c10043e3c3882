import { context, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRecord } from '../test-support/decision-records.ts'
import { registerSdk } from '../test-support/register-sdk.ts'
import { createDecisionTracer } from './decision-tracer.ts'
import { parseTraceParent } from './trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`

afterEach(() => {
  trace.disable()
  vi.restoreAllMocks()
})

describe('createDecisionTracer', () => {
  it('is nothing where no SDK is registered', () => {
    expect(createDecisionTracer()).toBeUndefined()
  })

  it('tells names as the log does: without credentials, and not too long', () => {
    const made = registerSdk()
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'
    const subject = { type: 'x'.repeat(100_000), id: 'a' }
    createDecisionTracer()?.(
      createRecord({ subject, action: { name: token }, resource: { type: token, id: 'a' } }),
    )
    const attributes = made[0]?.options.attributes
    expect(attributes).toMatchObject({ 'edict.action': '[hidden]', 'edict.resource.type': '[hidden]' })
    expect(JSON.stringify(attributes).length).toBeLessThan(2000)
  })

  it('makes a span of each decision, with its id, below that of the caller', () => {
    const made = registerSdk()
    const record = createRecord(undefined, {
      origin: { id: 'id-1', traceparent: PARENT, tracestate: 'vendor=1' },
      dataVersion: 'd1',
      durationMs: 5,
    })
    expect(createDecisionTracer()?.(record)).toEqual({ traceId: TRACE, spanId: '1'.repeat(16) })
    const [span] = made
    expect(span).toMatchObject({
      name: 'edict.decide',
      parent: { traceId: TRACE, spanId: 'b7ad6b7169203331', traceFlags: 1, isRemote: true },
      options: {
        attributes: {
          'edict.decision.id': 'id-1',
          'edict.decision': 'allow',
          'edict.action': 'export',
          'edict.resource.type': 'Doc',
          'edict.subject.type': 'User',
          'edict.policy.version': record.policyVersion,
          'edict.data.version': 'd1',
          'edict.reason': 'smallExports',
        },
      },
    })
    expect(span?.parent?.traceState?.serialize()).toBe('vendor=1')
    expect(Number(span?.end) - Number(span?.options.startTime)).toBeCloseTo(5)
  })

  it.each([undefined, '', 'nonsense', PARENT.replace('b7ad6b7169203331', '0'.repeat(16))])(
    'begins a trace where the caller sends %j',
    (traceparent) => {
      const made = registerSdk()
      createDecisionTracer()?.(createRecord(undefined, { origin: { traceparent } }))
      expect(made[0]?.parent).toBeUndefined()
    },
  )

  it('stands below the span that is under way in this process', () => {
    const made = registerSdk()
    const active = { traceId: 'e'.repeat(32), spanId: 'a'.repeat(16), traceFlags: 1 }
    vi.spyOn(context, 'active').mockReturnValue(trace.setSpanContext(context.active(), active))
    createDecisionTracer()?.(createRecord(undefined, { origin: { traceparent: PARENT } }))
    expect(made[0]?.parent).toEqual(active)
  })
})

describe('parseTraceParent', () => {
  it.each([PARENT, `cc-${TRACE}-b7ad6b7169203331-01-later`, ` ${PARENT} `])('reads %j', (text) => {
    expect(parseTraceParent(text)).toEqual({ traceId: TRACE, spanId: 'b7ad6b7169203331', flags: 1 })
  })

  it.each([
    undefined,
    '',
    `ff-${TRACE}-b7ad6b7169203331-01`,
    `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `${PARENT}-more`,
    `${PARENT}, ${PARENT}`,
    PARENT.slice(0, -1),
  ])('refuses %j', (text) => expect(parseTraceParent(text)).toBeUndefined())
})
