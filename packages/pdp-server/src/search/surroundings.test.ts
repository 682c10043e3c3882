// Searches among the parts of the service that stand around them: who may ask, for whom, and what is told of it.
import { describe, expect, it } from 'vitest'
import { createRequirements } from '../authentication/required-scope.ts'
import { createSubjectTokenGate, type SubjectIssuer } from '../authentication/tokens/subjects.ts'
import type { Channel, Chunk } from '../decision-log/channel.ts'
import { DecisionLog, type DecisionLogOptions } from '../decision-log/decision-log.ts'
import { parsePointer } from '../decision-log/mask.ts'
import { parseIgnoreRule } from '../decision-log/selection.ts'
import { createAuthenticationGate } from '../middleware/authenticate-caller.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { readLines } from '../test-support/decision-records.ts'
import { ann, createAsk, createTestPdp, DATA, eve, open, POLICY } from '../test-support/service.ts'

const SUBJECT = '/access/v1/search/subject'
const RESOURCE = '/access/v1/search/resource'
const ACTION = '/access/v1/search/action'
const readers = { subject: { type: 'User' }, action: { name: 'read' }, resource: open }
const readable = { subject: eve, action: { name: 'read' }, resource: { type: 'Doc' } }

describe('a caller that searches', () => {
  const gate = createAuthenticationGate({
    authenticate: (text) => ({ caller: { id: text, scopes: new Set([text as 'search']) } }),
    requirementOf: createRequirements([]),
    maxCredentialBytes: 100,
  })
  const ask = createAsk({ gates: [gate] })

  it.each([SUBJECT, RESOURCE, ACTION])('needs the scope for %s', async (path) => {
    const body = { ...readers, subject: ann }
    const send = (scope: string) => ask(path, { body, headers: { authorization: `Bearer ${scope}` } })
    expect((await ask(path, { body })).status).toBe(401)
    expect((await send('decide')).status).toBe(403)
    expect((await send('search')).status).toBe(200)
  })
})

describe('a search for the end user of a token', () => {
  const issuer = {
    issuer: 'https://issuer.example',
    subjectType: 'User',
    subjectIdPrefix: '',
  } as SubjectIssuer
  const claims = { iss: issuer.issuer, sub: 'eve', exp: 4e9, scope: 'read' }
  const gate = createSubjectTokenGate({
    verify: (token) => (token === 'good' ? { claims, issuer } : { fault: 'the token is bad' }),
    trustCallerClaims: false,
  })
  const ask = createAsk({ bodyGates: [gate] })
  const { subject: _, ...unsaid } = readable

  it('takes the subject from it', async () => {
    const resources = await ask(RESOURCE, { body: { ...unsaid, token: 'good' } })
    expect([resources.status, resources.json]).toEqual([200, { results: [open] }])
    const actions = await ask(ACTION, { body: { token: 'good', resource: open } })
    expect(actions.json).toEqual({ results: [{ name: 'read' }, { name: 'write' }] })
  })

  it('goes on page by page with a token for each, which are not mixed up', async () => {
    const first = await ask(RESOURCE, { body: { ...unsaid, token: 'good', page: { limit: 1 } } })
    const { page } = first.json as { page: { next_token: string } }
    const next = { token: page.next_token }
    expect((await ask(RESOURCE, { body: { ...unsaid, token: 'good', page: next } })).status).toBe(200)
    expect((await ask(RESOURCE, { body: { ...unsaid, token: page.next_token } })).status).toBe(400)
  })

  it.each<[string, string, object]>([
    ['no token', RESOURCE, unsaid],
    ['a bad one', RESOURCE, { ...unsaid, token: 'bad' }],
    ['a subject beside it', RESOURCE, { ...readable, token: 'good' }],
    ['a subject instead of it', ACTION, { subject: ann, resource: open }],
    ['claims of the caller', SUBJECT, { ...readers, context: { token: { scopes: ['admin'] } } }],
  ])('refuses %s', async (_, path, body) => {
    expect((await ask(path, { body })).status).toBe(400)
  })

  it('looks for subjects without one', async () => {
    expect((await ask(SUBJECT, { body: readers })).json).toEqual({ results: [ann] })
  })
})

class MemoryChannel implements Channel {
  readonly name = 'memory'
  readonly maxDeliveryBytes = 1_000_000
  readonly maxPauseMs = 5
  text = ''
  behave: () => Promise<void> = () => Promise.resolve()

  async deliver(chunks: readonly Chunk[]): Promise<void> {
    await this.behave()
    this.text += chunks.map(({ bytes }) => bytes.toString()).join('')
  }

  async close(): Promise<void> {}
}

function createLogged(options: Partial<DecisionLogOptions> = {}) {
  const channel = new MemoryChannel()
  const decisionLog = new DecisionLog({
    channels: [channel],
    detail: 'ids',
    masks: [],
    ignore: [],
    sampleRates: { allow: 0, deny: 0 },
    maxBufferBytes: 1_000_000,
    isRequired: false,
    requiredTimeoutMs: 20,
    log: NO_LOG,
    ...options,
  })
  const pdp = createTestPdp(POLICY, DATA, {
    onDecision: (record) => decisionLog.add(record),
    onSearch: (record) => decisionLog.addSearch(record),
  })
  return { channel, decisionLog, ask: createAsk({ pdp }), lines: () => readLines(channel.text) }
}

describe('the decision log', () => {
  const secret = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'
  const told = {
    ...readable,
    subject: { ...eve, properties: { team: 'red' } },
    context: { ip: '10.0.0.1', key: secret },
    page: { limit: 1 },
    extra: 1,
  }
  const around = { event: 'search', policyVersion: expect.any(String), dataVersion: expect.any(String) }

  it('holds a line for each page, never sampled, without what was found', async () => {
    const { ask, decisionLog, lines } = createLogged()
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
    const { headers: answered } = await ask(RESOURCE, { body: told, headers })
    await ask(ACTION, { body: { subject: ann, resource: open } })
    await ask(RESOURCE, { body: { ...told, page: { limit: -1 } } })
    await decisionLog.stop(1000)
    expect(lines()).toEqual([
      {
        ...around,
        time: '2026-01-01T00:00:00.000Z',
        id: answered.get('edict-decision-id'),
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        kind: 'resource',
        subject: eve,
        action: { name: 'read' },
        resource: { type: 'Doc' },
        results: 1,
        isCut: true,
        durationMs: expect.any(Number),
      },
      expect.objectContaining({ kind: 'action', subject: ann, resource: open, results: 3, isCut: false }),
    ])
    expect(lines()[1]).not.toHaveProperty('action')
  })

  it('holds in full what was asked, without credentials', async () => {
    const { ask, channel, decisionLog, lines } = createLogged({ detail: 'full' })
    await ask(RESOURCE, { body: told })
    await decisionLog.stop(1000)
    const { subject, context } = told
    expect(lines()).toEqual([expect.objectContaining({ subject, context: { ...context, key: '[hidden]' } })])
    expect(channel.text).not.toContain('extra')
  })

  it('masks and leaves out as it is told', async () => {
    const ignore = [
      'decision=allow',
      'rule=everyoneReads',
      'action=read subject=User resource=Box',
      'action=write',
    ]
    const { ask, decisionLog, lines } = createLogged({
      masks: [parsePointer('/subject/id') ?? []],
      ignore: ignore.map((rule) => parseIgnoreRule(rule) ?? new Map()),
    })
    await ask(RESOURCE, { body: readable })
    await ask(RESOURCE, { body: { ...readable, action: { name: 'write' } } })
    await ask(ACTION, { body: { subject: ann, resource: open } })
    await decisionLog.stop(1000)
    expect(lines().map(({ kind, subject }) => [kind, subject])).toEqual([
      ['resource', { type: 'User', id: '[masked]' }],
      ['action', { type: 'User', id: '[masked]' }],
    ])
    expect(decisionLog.status().ignoredCount).toBe(1)
  })

  it('lets no result out before its line is safe, where that is required', async () => {
    const { ask, channel, decisionLog } = createLogged({ isRequired: true })
    expect((await ask(RESOURCE, { body: readable })).status).toBe(200)
    channel.behave = () => new Promise(() => {})
    const { status, text } = await ask(RESOURCE, { body: readable })
    expect([status, text]).toEqual([503, expect.not.stringContaining('results')])
    await decisionLog.stop(1)
  })
})

describe('the metrics', () => {
  it('count pages, results and time by what was looked for', async () => {
    const metrics = new Metrics({ measuresProcess: false })
    const onSearch = (record: Parameters<Metrics['searches']['count']>[0]) => {
      metrics.searches.count(record)
      return undefined
    }
    const pdp = createTestPdp(POLICY, DATA, { onDecision: () => undefined, onSearch })
    const ask = createAsk({ pdp, metrics })
    await ask(ACTION, { body: { subject: ann, resource: open } })
    const action = { name: 'export', properties: { pages: 1 } }
    await ask(RESOURCE, { body: { ...readable, action } })
    await ask(RESOURCE, { body: { ...readable, action, page: { limit: 1 } } })
    await ask(RESOURCE, { body: {} })
    const { text } = await metrics.render()
    const lines = text
      .split('\n')
      .filter((line) => /^edict_search(es_total|_results_total|_duration_seconds_count)/.test(line))
    expect(lines).toEqual([
      'edict_searches_total{kind="action",outcome="complete"} 1',
      'edict_searches_total{kind="resource",outcome="complete"} 1',
      'edict_searches_total{kind="resource",outcome="cut"} 1',
      'edict_search_results_total{kind="action"} 3',
      'edict_search_results_total{kind="resource"} 3',
      'edict_search_duration_seconds_count{kind="subject"} 0',
      'edict_search_duration_seconds_count{kind="resource"} 2',
      'edict_search_duration_seconds_count{kind="action"} 1',
    ])
  })
})
