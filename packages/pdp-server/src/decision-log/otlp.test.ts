import { describe, expect, it } from 'vitest'
import { countRejected, toOtlpLogs } from './otlp.ts'

const LINES = [
  {
    event: 'decision',
    time: '2026-01-01T00:00:00.123Z',
    id: 'id-1',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    decision: 'allow',
    reasons: [{ rule: 'r' }],
    durationMs: 0.5,
    context: { big: 9007199254740991, none: null, yes: true, list: [] },
  },
  { event: 'decision', time: '[masked]', decision: 'deny', errorCount: 1 },
  { event: 'gap', time: '2026-01-01T00:00:01.000Z', dropped: 3 },
]
const lines = Buffer.from(LINES.map((line) => `${JSON.stringify(line)}\n`).join(''))

describe('toOtlpLogs', () => {
  const { resourceLogs } = JSON.parse(toOtlpLogs(lines, Date.UTC(2026, 0, 1)).body.toString())
  const records = resourceLogs[0].scopeLogs[0].logRecords

  it('names the service', () => {
    expect(resourceLogs[0].resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'edict' },
    })
  })

  it('writes integers of 64 bits as text, ids as hex, and values by their kind', () => {
    expect(records[0]).toEqual({
      timeUnixNano: '1767225600123000000',
      observedTimeUnixNano: '1767225600000000000',
      severityNumber: 9,
      severityText: 'INFO',
      eventName: 'edict.decision',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      attributes: [
        { key: 'edict.decision.id', value: { stringValue: 'id-1' } },
        { key: 'edict.decision', value: { stringValue: 'allow' } },
      ],
      body: { kvlistValue: { values: expect.any(Array) } },
    })
    const body = new Map(
      records[0].body.kvlistValue.values.map(({ key, value }: { key: string; value: unknown }) => [
        key,
        value,
      ]),
    )
    expect(body.get('durationMs')).toEqual({ doubleValue: 0.5 })
    expect(body.get('reasons')).toEqual({
      arrayValue: { values: [{ kvlistValue: { values: [{ key: 'rule', value: { stringValue: 'r' } }] } }] },
    })
    expect(body.get('context')).toEqual({
      kvlistValue: {
        values: [
          { key: 'big', value: { intValue: '9007199254740991' } },
          { key: 'none', value: {} },
          { key: 'yes', value: { boolValue: true } },
          { key: 'list', value: { arrayValue: { values: [] } } },
        ],
      },
    })
  })

  it('warns of decisions in which a rule failed, and of gaps', () => {
    expect(records.map(({ severityText }: { severityText: string }) => severityText)).toEqual([
      'INFO',
      'WARN',
      'WARN',
    ])
  })

  it.each(['{"event":"decision","ti', '\0\0\0', '7', 'null', '[]'])(
    'leaves out what is no line: %j',
    (text) => {
      const logs = toOtlpLogs(Buffer.concat([lines, Buffer.from(text)]), 0)
      expect([logs.recordCount, logs.damagedCount]).toEqual([LINES.length, 1])
      expect(JSON.parse(logs.body.toString()).resourceLogs[0].scopeLogs[0].logRecords).toHaveLength(3)
    },
  )

  it('leaves a time out that was masked', () => {
    expect(records[1].timeUnixNano).toBe('0')
  })
})

describe('countRejected', () => {
  it.each([
    ['{}', 0],
    ['', 0],
    ['null', 0],
    ['{"partialSuccess":{}}', 0],
    ['{"partialSuccess":{"rejectedLogRecords":"3"}}', 3],
    ['{"partialSuccess":{"rejectedLogRecords":2}}', 2],
    ['{"partialSuccess":{"rejectedLogRecords":-2}}', 0],
  ])('reads %j', (response, count) => expect(countRejected(response)).toBe(count))
})
