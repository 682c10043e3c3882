import { afterEach, describe, expect, it } from 'vitest'
import { PdpServerError } from '../errors.ts'
import {
  createStoreService,
  type StoreService,
  type StoreServiceOptions,
} from '../test-support/entity-store.ts'
import { toAuditEntry, type WriteRecord } from './audit-entry.ts'

let service: StoreService
afterEach(() => service.close())

const start = async (options: StoreServiceOptions = {}): Promise<StoreService> => {
  service = await createStoreService(options)
  return service
}

const eve = { type: 'User', id: 'eve' }
const GRANT = { role: 'viewer', to: eve, on: '*' }

const assign = (key?: string, body: object = GRANT) =>
  service.ask('/assignments', {
    method: 'PUT',
    body,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  })

/** What answers wait for, as a test has it. */
function createAudit() {
  const lines: WriteRecord[] = []
  const held: PromiseWithResolvers<void>[] = []
  const audit = {
    mode: 'well' as 'well' | 'broken' | 'throwing' | 'held',
    lines,
    held,
    take: (record: WriteRecord): Promise<void> => {
      if (audit.mode === 'throwing') throw new Error('no log')
      if (audit.mode === 'broken') return Promise.reject(new PdpServerError('not-recorded', 'no record'))
      if (audit.mode === 'well') {
        lines.push(record)
        return Promise.resolve()
      }
      const one = Promise.withResolvers<void>()
      held.push(one)
      return one.promise
    },
  }
  return audit
}

describe('a write whose record failed', () => {
  it.each(['broken', 'throwing'] as const)('is confirmed to nobody before it has one (%s)', async (mode) => {
    const audit = createAudit()
    audit.mode = mode
    const { ask, store } = await start({ audit: audit.take })
    const notRecorded = { status: 503, json: { title: expect.any(String) } }
    expect(await assign('"k"')).toMatchObject(notRecorded)
    expect(
      store.assignments({ role: undefined, to: eve, on: undefined, after: undefined, limit: 9 }),
    ).toHaveLength(1)
    for (const key of ['"k"', undefined, '"k2"']) expect(await assign(key)).toMatchObject(notRecorded)
    const ifNone = { method: 'PUT', body: GRANT, headers: { 'if-none-match': '*' } }
    expect(await ask('/assignments', ifNone)).toMatchObject(notRecorded)
    audit.mode = 'well'
    const again = await assign('"k"')
    expect([again.status, again.headers.get('edict-repeated')]).toEqual([201, 'true'])
    expect(audit.lines).toMatchObject([{ steps: [{}] }, { steps: [] }])
    expect((await assign()).status).toBe(200)
  })

  it('keeps others from being stored until it has one', async () => {
    const audit = createAudit()
    audit.mode = 'broken'
    const { ask } = await start({ audit: audit.take })
    expect((await assign()).status).toBe(503)
    const put = () => ask('/entities/User/ann', { method: 'PUT', body: {} })
    expect(await put()).toMatchObject({
      status: 503,
      json: { detail: expect.stringContaining('nothing was stored') },
    })
    expect((await ask('/entities/User/ann')).status).toBe(404)
    audit.mode = 'well'
    expect((await put()).status).toBe(201)
    expect(audit.lines.map(({ steps }) => steps[0]?.kind)).toEqual(['assignment', 'entity'])
  })
})

describe('a write whose record is under way', () => {
  it.each([true, false])('is confirmed to others once that is safe, or not at all (%s)', async (isSafe) => {
    const audit = createAudit()
    const { ask } = await start({ audit: audit.take })
    expect((await ask('/entities/User/eve', { method: 'PUT', body: {} })).status).toBe(201)
    audit.mode = 'held'
    const remove = () => ask('/entities/User/eve', { method: 'DELETE' })
    const all = [remove(), remove(), ask('/entities/User/ann', { method: 'PUT', body: {} })]
    let answered = 0
    for (const one of all) void one.then(() => answered++)
    await expect.poll(() => audit.held.length).toBe(2)
    const [removal, other] = audit.held
    other?.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(0)
    if (isSafe) removal?.resolve()
    else removal?.reject(new PdpServerError('not-recorded', 'no record'))
    const statuses = (await Promise.all(all)).map(({ status }) => status)
    expect(statuses).toEqual(isSafe ? [200, 404, 201] : [503, 503, 503])
    audit.mode = 'well'
    expect((await remove()).status).toBe(404)
  })
})

describe('the record of a write that was done before', () => {
  it('tells who had it confirmed, and what, also after a crash before the first record', async () => {
    const audit = createAudit()
    audit.mode = 'broken'
    const { path } = await start({ audit: audit.take })
    expect((await assign('"k"')).status).toBe(503)
    await service.close()
    audit.mode = 'well'
    await start({ path, audit: audit.take })
    expect((await assign('"k"')).status).toBe(201)
    expect((await assign()).status).toBe(200)
    const id = `/assignments/${service.store.assignments({ role: undefined, to: undefined, on: undefined, after: undefined, limit: 1 })[0]?.id}`
    const remove = { method: 'DELETE', headers: { 'idempotency-key': '"k3"' } }
    for (const _ of [1, 2]) expect((await service.ask(id, remove)).status).toBe(200)
    const entries = audit.lines.map((record) => toAuditEntry(record))
    const assigned = [{ op: 'assign', assignment: GRANT }]
    expect(entries).toMatchObject([
      { changeCount: 0, changes: [], doneBefore: assigned },
      { changeCount: 0, changes: [], doneBefore: assigned, dataVersion: expect.any(String) },
      { changeCount: 1, changes: [{ change: 'revoke' }] },
      { changeCount: 0, doneBefore: [{ op: 'revoke', assignmentId: id.split('/')[2] }] },
    ])
    expect(entries[3]?.dataNumber).toBe(entries[2]?.dataNumber)
    expect(entries[2]).not.toHaveProperty('doneBefore')
  })

  it('hides credentials, and names entities', async () => {
    await start()
    const id = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'
    for (const _ of [1, 2]) await service.ask(`/entities/User/${id}`, { method: 'PUT', body: {} })
    const [, again] = service.records
    expect(again && toAuditEntry(again)).toMatchObject({
      doneBefore: [{ op: 'putEntity', entity: { type: 'User', id: '[hidden]' } }],
    })
  })
})
