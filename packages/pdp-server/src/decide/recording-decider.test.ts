import { describe, expect, it } from 'vitest'
import { PdpServerError } from '../errors.ts'
import {
  createAsk,
  createTestPdp,
  DATA,
  exportOpen,
  loadPolicy,
  POLICY,
  readOpen,
  readShut,
} from '../test-support/service.ts'
import type { DecisionHooks, DecisionRecord } from './decision-record.ts'
import { createPdp } from './pdp.ts'

const NOW = Date.UTC(2026, 0, 1)

/** What is told of the decisions of one exchange, and its answer. */
async function ask(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const records: DecisionRecord[] = []
  const pdp = createTestPdp(POLICY, DATA, { onDecision: (record) => void records.push(record) })
  const reply = await createAsk({ pdp })(path, { body, headers })
  return { reply, records, id: reply.headers.get('Edict-Decision-Id') }
}

describe('onDecision', () => {
  it.each(['/decide', '/access/v1/evaluation', '/access/v1/evaluations'])(
    'is told of the one decision of %s',
    async (path) => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const { records, id, reply } = await ask(path, exportOpen, { traceparent, tracestate: 'a=1' })
      expect(reply.status).toBe(200)
      expect(records).toMatchObject([
        {
          id,
          origin: { id, traceparent, tracestate: 'a=1' },
          time: NOW,
          request: exportOpen,
          answer: { decision: 'allow', reasons: [{ rule: 'smallExports' }] },
          policyVersion: reply.headers.get('Edict-Policy-Version'),
        },
      ])
      expect(records[0]?.durationMs).toBeGreaterThan(0)
      expect(records[0]?.dataVersion).toMatch(/./)
    },
  )

  it.each([
    ['/decide', { requests: [readOpen, { nothing: true }, readShut] }],
    ['/decide', { requests: [readOpen, 7, { ...readShut, explain: true }] }],
    ['/access/v1/evaluations', { evaluations: [readOpen, { subject: 7 }, readShut] }],
  ])('is told of each decision of a batch to %s, by its index', async (path, body) => {
    const { records, id } = await ask(path, body)
    expect(records.map((record) => [record.id, record.answer.decision])).toEqual([
      [`${id}.0`, 'allow'],
      [`${id}.2`, 'deny'],
    ])
  })

  it('is told of nothing where nothing is decided', async () => {
    const { records, reply } = await ask('/decide', { subject: 7 })
    expect([reply.status, records]).toEqual([400, []])
  })

  it('names exchanges that come without an id', () => {
    const records: DecisionRecord[] = []
    const state = { policySet: loadPolicy() }
    const pdp = createPdp({ state, onDecision: (record) => void records.push(record) })
    for (let count = 0; count < 2; count++) pdp.begin().decide(readOpen)
    expect(new Set(records.map(({ id }) => id)).size).toBe(2)
    expect(records[0]).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), dataVersion: undefined })
  })

  it('keeps the decision back where it throws', async () => {
    const onDecision = () => {
      throw new Error('no room for more')
    }
    const ask = createAsk({ pdp: createTestPdp(POLICY, DATA, { onDecision }) })
    expect(await ask('/decide', { body: readOpen })).toMatchObject({ status: 500 })
    const { json } = await ask('/access/v1/evaluations', { body: { evaluations: [readOpen] } })
    expect(json).toMatchObject({ evaluations: [{ decision: false, context: { error: { status: 500 } } }] })
  })
})

describe('recorded', () => {
  const bodies: readonly (readonly [string, unknown])[] = [
    ['/decide', readOpen],
    ['/decide', { ...readOpen, explain: true }],
    ['/decide', { requests: [readOpen, readShut] }],
    ['/access/v1/evaluation', readOpen],
    ['/access/v1/evaluations', readOpen],
    ['/access/v1/evaluations', { evaluations: [readOpen, readShut] }],
  ]
  const create = (onDecision: NonNullable<DecisionHooks['onDecision']>) =>
    createAsk({ pdp: createTestPdp(POLICY, DATA, { onDecision }) })

  it.each(bodies)('is awaited before %s answers %j', async (path, body) => {
    const gate = Promise.withResolvers<void>()
    let isAnswered = false
    const reply = create(() => gate.promise)(path, { body }).then((answer) => {
      isAnswered = true
      return answer
    })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(isAnswered).toBe(false)
    gate.resolve()
    expect((await reply).status).toBe(200)
  })

  it.each(bodies)('keeps the answer of %s back where records are not safe: %j', async (path, body) => {
    const refused = new PdpServerError('not-recorded', 'the decision cannot be recorded')
    const { status, text } = await create(() => Promise.reject(refused))(path, { body })
    expect([status, text]).toEqual([503, expect.stringContaining('cannot be recorded')])
    expect(text).not.toMatch(/allow|decision":/)
  })
})
