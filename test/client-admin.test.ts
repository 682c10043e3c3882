import { createPdpClient, type PdpClient, PdpClientError } from '@edict/pdp-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../packages/pdp-server/src/app.ts'
import {
  createStoreService,
  START,
  type StoreService,
} from '../packages/pdp-server/src/test-support/entity-store.ts'

let service: StoreService
let pdp: PdpClient
beforeEach(async () => {
  service = await createStoreService()
  const app = createApp({ pdp: service.pdp, entityStore: service.store })
  pdp = createPdpClient({
    url: 'http://localhost',
    fetch: async (input, init) => app.fetch(new Request(input as URL, init)),
  })
})
afterEach(() => service.close())

const ann = { type: 'User', id: 'ann' }
const doc = { type: 'Doc', id: '..' }
const editor = { role: 'editor', to: ann, on: doc }
const question = { subject: ann, action: { name: 'write' }, resource: doc }

/** It throws, and with this code and status. */
async function checkRefused(writing: Promise<unknown>, expected: object): Promise<void> {
  const error = await writing.catch((thrown) => thrown)
  expect(error).toBeInstanceOf(PdpClientError)
  expect(error).toMatchObject(expected)
}

describe('the admin of a client', () => {
  it('gives and takes roles, and decisions that ask for it see it', async () => {
    const given = await pdp.admin.assign({ ...editor, expires: '2027-06-01' })
    expect(given).toEqual({ number: START + 1, results: [{ isNew: true }] })
    expect(await pdp.decide(question, { minDataNumber: given.number })).toMatchObject({ decision: 'allow' })
    expect(await pdp.decide(question, { minDataNumber: given.number + 1 })).toMatchObject({
      decision: 'deny',
      error: { code: 'http-status', status: 412 },
    })
    expect(await pdp.decide(question, { minDataNumber: 0.5 })).toMatchObject({
      error: { code: 'malformed-request' },
    })
    await pdp.admin.revoke(editor)
    expect(await pdp.can(question)).toBe(false)
    await checkRefused(pdp.admin.revoke(editor), { code: 'http-status', status: 404 })
  })

  it('writes and deletes entities, under conditions', async () => {
    expect(
      await pdp.admin.putEntity({ ...doc, properties: { owner: 'ann' } }, { ifNoneMatch: '*' }),
    ).toMatchObject({
      results: [{ isNew: true }],
    })
    expect(await pdp.can(question)).toBe(true)
    await checkRefused(pdp.admin.putEntity(doc, { ifNoneMatch: '*' }), { status: 412 })
    await checkRefused(pdp.admin.putEntity({ ...doc, parents: [ann] }), {
      code: 'malformed-request',
      status: 400,
    })
    await pdp.admin.assign(editor)
    await checkRefused(pdp.admin.deleteEntity(doc), {
      status: 409,
      message: expect.stringContaining('1 assignment names'),
    })
    await pdp.admin.deleteEntity(doc, { cascade: true })
    expect(await pdp.can(question)).toBe(false)
  })

  it('does all of a batch once by its key, or nothing', async () => {
    const operations = [
      { op: 'putEntity', ...doc },
      { op: 'patchEntity', ...doc, patch: { properties: { owner: 'ann' } } },
      { op: 'assign', assignment: editor },
    ] as const
    const first = await pdp.admin.batch(operations, { idempotencyKey: 'one "key"' })
    expect(first.results).toEqual([{ isNew: true }, { isNew: false }, { isNew: true }])
    expect(await pdp.admin.batch(operations, { idempotencyKey: 'one "key"' })).toEqual(first)
    await checkRefused(pdp.admin.batch([], { idempotencyKey: 'one "key"' }), { status: 422 })
    await checkRefused(
      pdp.admin.batch([
        { op: 'putEntity', ...ann },
        { op: 'deleteEntity', type: 'User', id: 'no' },
      ]),
      {
        status: 404,
      },
    )
    expect((await service.ask('/entities/User/ann')).status).toBe(404)
  })

  it('throws where the answer does not say what was written', async () => {
    for (const body of [
      '{}',
      'null',
      '{"number":1,"results":[]}',
      '{"number":1,"results":[{"status":400}]}',
      '{"number":"1","results":[{"status":200}]}',
    ]) {
      const client = createPdpClient({
        url: 'http://localhost',
        requestId: false,
        fetch: async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
      })
      await checkRefused(client.admin.assign(editor), { code: 'bad-response' })
    }
  })
})
