import { describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { startServer } from '../server.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createRecord, readLines, until } from '../test-support/decision-records.ts'
import { createAsk, createTestPdp, DATA, POLICY, readOpen, readShut } from '../test-support/service.ts'
import type { Channel, Chunk } from './channel.ts'
import { DecisionLog, type DecisionLogOptions } from './decision-log.ts'
import { parsePointer } from './mask.ts'
import { parseIgnoreRule } from './selection.ts'

class MemoryChannel implements Channel {
  readonly name = 'memory'
  readonly maxDeliveryBytes = 1_000_000
  readonly maxPauseMs = 5
  text = ''
  deliveryCount = 0
  behave: () => Promise<void> = () => Promise.resolve()

  async deliver(chunks: readonly Chunk[]): Promise<void> {
    await this.behave()
    this.deliveryCount++
    this.text += chunks.map(({ bytes }) => bytes.toString()).join('')
  }

  async close(): Promise<void> {}
}

function create(options: Partial<DecisionLogOptions> = {}) {
  const channel = new MemoryChannel()
  const decisionLog = new DecisionLog({
    channels: [channel],
    detail: 'ids',
    masks: [],
    ignore: [],
    sampleRates: { allow: 1, deny: 1 },
    maxBufferBytes: 1_000_000,
    isRequired: false,
    requiredTimeoutMs: 1000,
    log: NO_LOG,
    ...options,
  })
  const pdp = createTestPdp(POLICY, DATA, { onDecision: (record) => decisionLog.add(record) })
  return { channel, decisionLog, pdp, ask: createAsk({ pdp }), lines: () => readLines(channel.text) }
}

describe('DecisionLog', () => {
  it('holds a line for each decision of the service, once it stops', async () => {
    const { ask, decisionLog, lines } = create()
    const single = await ask('/decide', { body: readOpen })
    const batch = await ask('/access/v1/evaluations', { body: { evaluations: [readOpen, 7, readShut] } })
    await decisionLog.stop(1000)
    const id = batch.headers.get('Edict-Decision-Id')
    expect(lines().map((line) => [line.id, line.decision])).toEqual([
      [single.headers.get('Edict-Decision-Id'), 'allow'],
      [`${id}.0`, 'allow'],
      [`${id}.2`, 'deny'],
    ])
  })

  it('writes without waiting for more', async () => {
    const { decisionLog, lines } = create()
    decisionLog.add(createRecord())
    await until(() => lines().length === 1)
    expect(lines()[0]).toMatchObject({ id: 'id-1' })
  })

  it('takes many lines in one delivery', async () => {
    const { channel, decisionLog, lines } = create()
    for (let count = 0; count < 1000; count++) decisionLog.add(createRecord())
    await decisionLog.stop(1000)
    expect(lines()).toHaveLength(1000)
    expect(channel.deliveryCount).toBeLessThan(20)
  })

  it('takes the trace from where the request came from', async () => {
    const { ask, decisionLog, lines } = create()
    const trace = '0af7651916cd43dd8448eb211c80319c'
    await ask('/decide', { body: readOpen, headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } })
    await ask('/decide', { body: readOpen, headers: { traceparent: `00-${trace}-0000000000000000-01` } })
    await decisionLog.stop(1000)
    expect(lines().map(({ traceId }) => traceId)).toEqual([trace, undefined])
  })

  it('masks, samples and ignores as it is told, and counts what it leaves out', async () => {
    const { ask, decisionLog, lines } = create({
      masks: [parsePointer('/subject/id') ?? []],
      ignore: [parseIgnoreRule('decision=deny resource=Doc') ?? new Map()],
      sampleRates: { allow: 0.5, deny: 1 },
      random: () => 0.4,
    })
    await ask('/decide', { body: readOpen })
    await ask('/decide', { body: readShut })
    await decisionLog.stop(1000)
    expect(lines()).toEqual([
      expect.objectContaining({ subject: { type: 'User', id: '[masked]' }, sampleRate: 0.5 }),
    ])
    expect(decisionLog.status()).toMatchObject({ ignoredCount: 1, notDrawnCount: 0 })
  })

  it('lets nobody wait, and crashes nothing, where lines are lost', async () => {
    const { ask, channel, decisionLog } = create({ maxBufferBytes: 600 })
    channel.behave = () => Promise.reject(new Error('no disk'))
    const isKept = () => (decisionLog.status().outlets[0]?.bufferedBytes ?? 0) > 0
    for (let count = 0; count < 100; count++)
      expect((await ask('/decide', { body: readOpen })).status).toBe(200)
    await until(isKept)
    for (let count = 0; count < 200; count++) await ask('/decide', { body: readOpen })
    await until(() => (decisionLog.status().outlets[0]?.droppedLines.get('buffer-full') ?? 0) > 0)
    await decisionLog.stop(20)
    const { deliveredLines = 0, droppedLines = new Map() } = decisionLog.status().outlets[0] ?? {}
    expect(deliveredLines + [...droppedLines.values()].reduce((sum, count) => sum + count, 0)).toBe(300)
  })
})

describe('a required DecisionLog', () => {
  const bodies: readonly (readonly [string, unknown])[] = [
    ['/decide', readOpen],
    ['/decide', { requests: [readOpen, readShut] }],
    ['/access/v1/evaluation', readOpen],
    ['/access/v1/evaluations', { evaluations: [readOpen, readShut] }],
  ]

  it.each(bodies)('lets %s answer %j only once its records are safe', async (path, body) => {
    const { ask, channel, lines } = create({ isRequired: true })
    const gate = Promise.withResolvers<void>()
    channel.behave = () => gate.promise
    const reply = ask(path, { body })
    const first = await Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 20, 'waiting'))])
    expect([first, lines()]).toEqual(['waiting', []])
    gate.resolve()
    expect((await reply).status).toBe(200)
    expect(lines().length).toBeGreaterThan(0)
  })

  it.each(bodies)('keeps the answers of %s to %j back where they cannot be recorded', async (path, body) => {
    const { ask, channel } = create({ isRequired: true, requiredTimeoutMs: 20 })
    channel.behave = () => Promise.reject(new Error('no disk'))
    const { status, text } = await ask(path, { body })
    expect([status, text]).toEqual([503, expect.stringContaining('could not be recorded')])
    expect(text).not.toContain('allow')
  })

  it('goes on once records are safe again', async () => {
    const { ask, channel, decisionLog } = create({
      isRequired: true,
      requiredTimeoutMs: 50,
      maxBufferBytes: 500,
    })
    channel.behave = () => Promise.reject(new Error('no disk'))
    const refused = await Promise.all([readOpen, readOpen, readOpen].map((body) => ask('/decide', { body })))
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503])
    channel.behave = () => Promise.resolve()
    await until(() => decisionLog.status().outlets[0]?.bufferedBytes === 0)
    expect((await ask('/decide', { body: readOpen })).status).toBe(200)
  })

  it('makes the decisions of many requests safe together', async () => {
    const { channel, pdp, lines } = create({ isRequired: true })
    channel.behave = () => new Promise((resolve) => setTimeout(resolve, 5))
    const { url, stop } = await startServer({ app: createApp({ pdp }), port: 0 })
    const headers = { 'content-type': 'application/json' }
    const ask = () => fetch(`${url}/decide`, { method: 'POST', headers, body: JSON.stringify(readOpen) })
    const replies = await Promise.all(Array.from({ length: 50 }, ask))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    const logged = new Set(lines().map(({ id }) => id))
    expect(replies.every(({ headers }) => logged.has(headers.get('edict-decision-id') ?? ''))).toBe(true)
    expect(channel.deliveryCount).toBeLessThan(50)
    await stop()
  })
})
