// A worker and the first process, as far as requests for entity data go, in one process.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import type { ForwardedRequest } from '../middleware/forward.ts'
import type { Caller } from '../middleware/gate.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createStoreService, type StoreService } from '../test-support/entity-store.ts'
import { type Ask, createAsk } from '../test-support/service.ts'
import { createForwardedApp, createForwardedStore, isForwarded } from './forwarded-app.ts'

let service: StoreService
let ask: Ask
const forwarded: ForwardedRequest[] = []
beforeAll(async () => {
  service = await createStoreService()
  const config = loadConfig({ flags: {}, env: {}, cwd: '/' })
  const answer = createForwardedApp(service.pdp, service.store, config, NO_LOG)
  ask = createAsk({
    pdp: service.pdp,
    entityStore: createForwardedStore(),
    gates: [
      (exchange) => {
        const name = exchange.header('x-test-caller')
        const scopes: Caller['scopes'] = new Set(name === 'ops' ? ['admin', 'decide'] : ['decide'])
        if (name !== undefined) exchange.caller = { id: `key:${name}`, scopes }
        return undefined
      },
    ],
    forwarding: {
      isForwarded,
      forward: (request) => {
        forwarded.push(request)
        // As it goes from one process to another.
        return answer(structuredClone(request))
      },
    },
  })
})
afterAll(() => service.close())

const ops = { 'x-test-caller': 'ops' }

describe('createForwardedApp', () => {
  it('answers as the store beside it would, and records who asked', async () => {
    const body = { properties: { owner: 'ann' } }
    const made = await ask('/entities/Doc/d%201', {
      method: 'PUT',
      body,
      headers: { ...ops, 'if-none-match': '*' },
    })
    expect([made.status, made.json]).toEqual([
      201,
      expect.objectContaining({ type: 'Doc', id: 'd 1', ...body }),
    ])
    expect(made.headers.get('etag')).toMatch(/^"\d+"$/)
    expect(service.records.at(-1)).toMatchObject({ caller: 'key:ops' })
    const again = await ask('/entities/Doc/d%201', {
      method: 'PUT',
      body,
      headers: { ...ops, 'if-none-match': '*' },
    })
    expect([again.status, again.headers.get('content-type')]).toEqual([412, 'application/problem+json'])
    const read = await ask('/entities?type=Doc&id=d%201', { headers: ops })
    expect(read.json).toMatchObject({ id: 'd 1' })
    expect((await ask('/entities/Doc/d%201', { method: 'DELETE', headers: ops })).status).toBe(200)
    expect((await ask('/entities/Doc/d%201', { headers: ops })).status).toBe(404)
    expect((await ask('/entities', { method: 'HEAD', headers: ops })).text).toBe('')
  })

  it('leaves it to nobody to say who he is', async () => {
    const before = service.records.length
    for (const id of ['0', '1', '2', '3', '4', '5', '6', '7']) {
      const headers = {
        'x-test-caller': 'guest',
        'edict-forwarded-caller': id,
        authorization: 'Bearer secret',
      }
      const answer = await ask('/entities/Doc/d2', { method: 'PUT', body: {}, headers })
      expect(answer.status).toBe(403)
    }
    expect(service.records).toHaveLength(before)
    expect(JSON.stringify(forwarded.map(({ headers }) => headers))).not.toMatch(/secret|forwarded-caller/)
  })

  it('answers nothing else', async () => {
    expect((await ask('/healthz')).status).toBe(200)
    expect((await ask('/entitiesX', { headers: ops })).status).toBe(404)
    expect(forwarded.every(({ address }) => address.startsWith('/entities'))).toBe(true)
  })

  it('is told of at each worker', async () => {
    const { json } = await ask('/openapi.json')
    expect(json).toHaveProperty(['paths', '/entities/{type}/{id}'])
    const app = createApp({ pdp: service.pdp, entityStore: createForwardedStore() })
    const response = await app.fetch(new Request('http://pdp.test/entities/Doc/d1'))
    expect(response.status).toBe(503)
  })
})
