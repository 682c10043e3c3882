import { join } from 'node:path'
import { createPdpClient, type DecisionRequest, type PdpClient } from '@edict/pdp-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from './conformance/server.ts'

// The client against the real service, over a real socket.
describe('the client and the service', () => {
  let server: RunningServer
  let pdp: PdpClient
  beforeAll(async () => {
    server = await startServer(join(import.meta.dirname, '../policies/documents'))
    pdp = createPdpClient({ url: server.url, timeoutMs: 5000 })
  }, 30_000)
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const maja = { type: 'User', id: 'maja' }
  const report = { type: 'Document', id: 'quarter-1' }
  const reads: DecisionRequest = { subject: maja, action: { name: 'read' }, resource: report }
  const malformed = { subject: maja, action: {}, resource: report } as unknown as DecisionRequest

  it('agree on an allow', async () => {
    expect(await pdp.can(maja, 'read', report)).toBe(true)
    const answer = await pdp.decide(reads)
    expect(answer).toMatchObject({ decision: 'allow', reasons: [{ rule: 'reader.read.Document' }] })
    expect(answer.error).toBeUndefined()
  })

  it('agree on a denial', async () => {
    const answer = await pdp.decide({ ...reads, action: { name: 'delete' } })
    expect(answer).toMatchObject({ decision: 'deny', reasons: [{ rule: 'deleteAfterSignIn' }] })
    expect(answer.error).toBeUndefined()
  })

  it('agree on a denial of what the policy does not know', async () => {
    const answer = await pdp.decide({ ...reads, resource: { type: 'Spaceship', id: 'x' } })
    expect(answer).toMatchObject({ decision: 'deny', reasons: [{ builtin: 'unknownType' }] })
  })

  it('agree on obligations', async () => {
    const wanda = { type: 'User', id: 'wanda' }
    const draft = { type: 'Document', id: 'press-release' }
    const context = { ip: '10.20.0.9' }
    expect(await pdp.can(wanda, 'share', draft, context)).toBe(false)
    expect(await pdp.can(wanda, 'share', draft, context, { understoodObligations: ['audit'] })).toBe(true)
  })

  it('agree on what is no request', async () => {
    const answer = await pdp.decide(malformed)
    expect(answer).toMatchObject({ decision: 'deny', error: { code: 'malformed-request', status: 400 } })
    expect(answer.error?.message).toMatch(/name/)
  })

  it('agree on a batch, one malformed item included', async () => {
    const answers = await pdp.decideMany([reads, malformed, { ...reads, action: { name: 'fly' } }])
    expect(answers.map((answer) => [answer.decision, answer.error?.code])).toEqual([
      ['allow', undefined],
      ['deny', 'malformed-request'],
      ['deny', undefined],
    ])
  })

  it('agree on searches, in pages of any size', async () => {
    const readable = { subject: maja, action: { name: 'read' }, resource: { type: 'Document' } }
    const found = await pdp.searchResources(readable).all()
    expect(found).toContainEqual(report)
    expect(await pdp.searchResources(readable, { limit: 1 }).all()).toEqual(found)
    for (const document of found) expect(await pdp.can(maja, 'read', document)).toBe(true)
    const readers = { subject: { type: 'User' }, action: { name: 'read' }, resource: report }
    expect(await pdp.searchSubjects(readers).all()).toContainEqual(maja)
    const actions = await pdp.searchActions({ subject: maja, resource: report }).all()
    expect(actions.map(({ name }) => name)).toContain('read')
    expect(
      await pdp.searchActions({ subject: { type: 'User', id: 'nobody' }, resource: report }).all(),
    ).toEqual([])
    const malformed = { ...readable, action: {} } as unknown as typeof readable
    await expect(pdp.searchResources(malformed).all()).rejects.toMatchObject({ code: 'malformed-request' })
  })

  it('keep names of the language of the engine as ordinary data', async () => {
    const id = '__proto__'
    expect(await pdp.can({ type: 'constructor', id }, 'toString', { type: 'hasOwnProperty', id })).toBe(false)
  })
})
