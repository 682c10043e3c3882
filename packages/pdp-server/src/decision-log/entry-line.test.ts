import type { DecisionRequest } from '@edict/policy-lang'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecord } from '../test-support/decision-records.ts'
import { exportOpen, readOpen } from '../test-support/service.ts'
import { toBriefLine } from './brief-line.ts'
import { type LogDetail, toEntry } from './decision-entry.ts'
import { toBytes, toLine } from './entry-line.ts'

function write(request: DecisionRequest, detail: LogDetail = 'ids', origin = {}): string {
  return toBytes(toLine(toEntry(createRecord(request, { origin }), { detail }))).toString()
}

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'
const KEY = `edict_live_${'a1B2'.repeat(15)}`

describe('a line of the decision log', () => {
  it('says who asked what, what was decided, by what, and how long it took', () => {
    const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
    const record = createRecord(exportOpen, { origin: { id: 'id-1', caller: 'web' }, dataVersion: 'd1' })
    const line = toLine(toEntry(record, { detail: 'ids', span }))
    expect(JSON.parse(line)).toEqual({
      event: 'decision',
      time: '2026-01-01T00:00:00.000Z',
      id: 'id-1',
      ...span,
      caller: 'web',
      subject: { type: 'User', id: 'eve' },
      action: { name: 'export' },
      resource: { type: 'Doc', id: 'open' },
      decision: 'allow',
      reasons: [{ rule: 'smallExports' }],
      obligations: ['watermark'],
      policyVersion: record.policyVersion,
      dataVersion: 'd1',
      durationMs: 0.25,
    })
  })

  it('says which rules failed', () => {
    const request = { ...readOpen, resource: { type: 'Doc', id: 'unknown' } }
    expect(JSON.parse(write(request))).toMatchObject({
      decision: 'deny',
      reasons: [{ builtin: 'default' }],
      errors: [
        { rule: 'everyoneReads', kind: 'condition' },
        { rule: 'ownersDoAll', kind: 'condition' },
      ],
      errorCount: 2,
    })
  })

  it('tells all that counts where that is asked for, and members that nobody knows never', () => {
    const request = {
      ...exportOpen,
      subject: { ...exportOpen.subject, properties: { team: 'a' }, roles: ['editor'], extra: 1 },
      context: { ip: '10.0.0.1' },
      entities: [{ type: 'Doc', id: 'd', parents: [], extra: 1 }],
      token: 'a raw token',
    }
    expect(JSON.parse(write(request, 'full'))).toMatchObject({
      subject: { type: 'User', id: 'eve', properties: { team: 'a' }, roles: ['editor'] },
      action: { name: 'export', properties: { pages: 3 } },
      context: { ip: '10.0.0.1' },
      entities: [{ type: 'Doc', id: 'd', parents: [] }],
      obligations: [{ name: 'watermark', args: { text: 'eve' } }],
      advice: [{ name: 'compress', args: { level: 9 } }],
    })
    expect(write(request, 'full')).not.toMatch(/extra|raw token/)
    expect(write(request)).not.toMatch(/extra|raw token|team|10\.0\.0\.1/)
  })

  it.each([
    ['line feed', '\n{"event":"decision","decision":"allow"}\n'],
    ['carriage return', 'a\r\nb'],
    ['next line', 'a\u0085b'],
    ['line separator', 'a\u2028b\u2029c'],
    ['escape sequence', '\u001b[2J\u009b31m'],
    ['turned text', 'a\u202eb\u2066c\u200f'],
    ['zero and byte order mark', '\0\ufeff'],
    ['a lone surrogate', 'a\ud800b'],
    ['quotes', '","decision":"allow","x":"'],
  ])('cannot be forged or broken with %s', (_, text) => {
    const request = {
      subject: { type: text, id: text, properties: { [text]: text } },
      action: { name: text },
      resource: { type: 'Doc', id: text },
      context: { [text]: text },
    }
    for (const detail of ['ids', 'full'] as const) {
      const line = write(request, detail, { caller: text })
      expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/)
      expect(line.endsWith('\n')).toBe(true)
      expect(JSON.parse(line)).toMatchObject({ decision: 'deny', caller: text, resource: { id: text } })
    }
  })

  const text = fc.string({ unit: 'binary' })
  const entity = fc.record({ type: text, id: text, properties: fc.dictionary(text, fc.jsonValue()) })
  const requests = fc.record({ subject: entity, action: fc.record({ name: text }), resource: entity })

  it('is one line whatever is asked', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const line = write(asked as DecisionRequest, 'full')
        expect(line.split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(2)
        expect(JSON.parse(line)).toMatchObject({ event: 'decision' })
      }),
      { numRuns: 50 },
    )
  })

  const maybe = fc.option(text, { nil: undefined })
  const spans = fc.option(fc.constant({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }), {
    nil: undefined,
  })
  const asked = [
    readOpen,
    exportOpen,
    { ...readOpen, resource: { type: 'Doc', id: 'unknown' } },
    { ...readOpen, action: { name: JWT }, subject: { type: KEY, id: JWT } },
  ]
  const cases = fc.record({
    request: fc.oneof(fc.constantFrom(...asked), requests as fc.Arbitrary<DecisionRequest>),
    caller: maybe,
    dataVersion: maybe,
    span: spans,
    sampleRate: fc.constantFrom(undefined, 0.25),
    durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  })

  it('is the same made the short way', () => {
    fc.assert(
      fc.property(cases, ({ request, caller, dataVersion, span, sampleRate, durationMs }) => {
        const record = createRecord(request, { origin: { id: 'id-1', caller }, dataVersion, durationMs })
        const how = { span, sampleRate }
        expect(toBriefLine(record, how)).toBe(toLine(toEntry(record, { ...how, detail: 'ids' })))
      }),
      { numRuns: 100 },
    )
  })
})

describe('credentials in a line of the decision log', () => {
  it.each([JWT, `Bearer ${JWT}`, KEY, `token=${JWT}`, 'Basic dXNlcjpwYXNzd29yZDEyMw=='])(
    'are never %s',
    (text) => {
      const request = {
        subject: { type: 'User', id: text },
        action: { name: text },
        resource: { type: text, id: text, properties: { a: [{ b: text }] } },
        context: { token: { raw: text }, note: text },
      }
      for (const detail of ['ids', 'full'] as const) {
        expect(write(request, detail)).not.toMatch(/eyJ|edict_live|dXNlc/)
      }
    },
  )

  it('are hidden by the name of what holds them', () => {
    const names = [
      'authorization',
      'Password',
      'secret',
      'clientSecret',
      'client_secret',
      'apiKey',
      'token',
      'access_token',
    ]
    const context = Object.fromEntries(names.map((name) => [name, 'hunter2']))
    const line = write(
      { ...readOpen, context: { headers: context, list: [{ cookie: ['hunter2'] }] } },
      'full',
    )
    expect(line).not.toContain('hunter2')
    expect(line.match(/\[hidden\]/g)).toHaveLength(names.length + 1)
  })

  it('leave what is none alone', () => {
    const context = {
      token: { scopes: ['read'], clientId: 'web' },
      tokenCount: 'three',
      note: 'the bearer of this',
    }
    expect(JSON.parse(write({ ...readOpen, context }, 'full'))).toMatchObject({ context })
  })
})
