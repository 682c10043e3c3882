import { renameSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PdpServerError } from '../errors.ts'
import {
  createStoreService,
  START,
  type StoreService,
  type StoreServiceOptions,
} from '../test-support/entity-store.ts'

let service: StoreService
afterEach(() => service.close())

const start = async (options: StoreServiceOptions = {}): Promise<StoreService> => {
  service = await createStoreService(options)
  return service
}

const put = (id: string, key?: string, body: unknown = {}) =>
  service.ask(`/entities/User/${id}`, {
    method: 'PUT',
    body,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  })

describe('the Idempotency-Key of a write', () => {
  it('has a request done once, and answered the same again, also after a restart', async () => {
    const { path, setClock } = await start()
    const first = await put('ann', '"k1"')
    expect(first.status).toBe(201)
    expect(first.headers.get('edict-repeated')).toBeNull()
    await put('ann', undefined, { properties: { email: 'new' } })
    const again = await put('ann', '"k1"')
    expect(again).toMatchObject({ status: 201, text: first.text })
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(again.headers.get('edict-repeated')).toBe('true')
    expect((await service.ask('/entities/User/ann')).json).toMatchObject({ properties: { email: 'new' } })
    await service.close()
    await start({ path })
    setClock(START)
    expect(await put('ann', '"k1"')).toMatchObject({ status: 201, text: first.text })
    service.setClock(START + 24 * 60 * 60 * 1000)
    expect((await put('ann', '"k1"')).status).toBe(200)
  })

  it('keeps refusals that rest on what was stored, and no others', async () => {
    await start()
    const remove = (key: string) =>
      service.ask('/entities/User/eve', { method: 'DELETE', headers: { 'idempotency-key': key } })
    const missing = await remove('"k1"')
    expect(missing.status).toBe(404)
    await put('eve')
    expect(await remove('"k1"')).toMatchObject({ status: 404, json: missing.json })
    expect((await remove('"k2"')).status).toBe(200)
    expect((await put('x', '"k3"', { parents: 7 })).status).toBe(400)
    expect((await put('x', '"k3"', { parents: [] })).status).toBe(201)
  })

  it('is refused with another request, and while the first is under way', async () => {
    await start()
    const [one, same, other] = await Promise.all([
      put('ann', '"k1"'),
      put('ann', '"k1"'),
      put('ann', '"k1"', { properties: { email: 'x' } }),
    ])
    expect([one.status, same.status, other.status]).toEqual([201, 409, 422])
    expect((await put('ann', '"k1"', { properties: { email: 'x' } })).status).toBe(422)
    expect((await put('eve', '"k1"')).status).toBe(422)
    const conditional = { method: 'PUT', body: {}, headers: { 'idempotency-key': '"k1"', 'if-match': '*' } }
    expect((await service.ask('/entities/User/ann', conditional)).status).toBe(422)
  })

  it('is one string in quotes', async () => {
    await start()
    for (const key of ['k1', '""', '"a', '"a" "b"', '"é"', `"${'x'.repeat(256)}"`, '"a";p=1']) {
      expect((await put('ann', encodeLatin(key))).status).toBe(400)
    }
    expect((await put('ann', '"a\\"b\\\\"')).status).toBe(201)
  })

  it("is each caller's own", async () => {
    await start({
      gates: [
        (exchange) => {
          exchange.caller = { id: exchange.header('x-caller') ?? '', scopes: new Set(['admin']) }
          return undefined
        },
      ],
    })
    const by = (caller: string, email: string) =>
      service.ask('/entities/User/ann', {
        method: 'PUT',
        body: { properties: { email } },
        headers: { 'idempotency-key': '"k"', 'x-caller': caller },
      })
    expect((await by('one', 'a')).status).toBe(201)
    expect((await by('two', 'b')).status).toBe(200)
    expect((await by('one', 'b')).status).toBe(422)
  })
})

/** Headers are bytes. */
function encodeLatin(text: string): string {
  return Buffer.from(text).toString('latin1')
}

describe('a write that the disk does not take', () => {
  it('is refused with 507 where it is full, decisions go on, and later ones are taken', async () => {
    const { ask, store } = await start({ open: { maxPages: 40 } })
    const big = { properties: { email: 'x'.repeat(60_000) } }
    const statuses: number[] = []
    for (let at = 0; at < 4; at++) statuses.push((await put(`u${at}`, undefined, big)).status)
    const taken = statuses.indexOf(507)
    expect(taken).toBeGreaterThan(0)
    expect(statuses.slice(0, taken).every((status) => status === 201)).toBe(true)
    expect((await ask(`/entities/User/u${taken}`)).status).toBe(404)
    expect((await ask(`/entities/User/u0`)).json).toMatchObject(big)
    expect(store.probe()).toMatchObject({ status: 'degraded' })
    expect((await ask('/readyz')).status).toBe(200)
    const question = {
      subject: { type: 'User', id: 'u0' },
      action: { name: 'read' },
      resource: { type: 'Doc', id: 'x' },
    }
    expect((await ask('/decide', { body: question })).status).toBe(200)
    expect((await ask('/entities/User/u0', { method: 'DELETE' })).status).toBe(200)
    expect((await put('small')).status).toBe(201)
    expect(store.probe()).toMatchObject({ status: 'ok' })
  })

  it('ends all writes where another file has the name of the store', async () => {
    const { ask, path } = await start()
    expect((await put('ann')).status).toBe(201)
    renameSync(path, `${path}.aside`)
    const refused = await put('eve')
    expect(refused).toMatchObject({
      status: 503,
      json: { detail: expect.stringContaining('moved or replaced') },
    })
    renameSync(`${path}.aside`, path)
    expect((await put('eve')).status).toBe(503)
    expect((await ask('/entities/User/ann')).status).toBe(200)
  })

  it('ends all writes until a restart where nobody knows what is on it', async () => {
    let fails = false
    const { ask, store, path } = await start({
      wrap: (backend) => ({
        ...backend,
        commit: (commit) =>
          fails
            ? Promise.reject(new PdpServerError('store-failed', 'the disk failed'))
            : backend.commit(commit),
      }),
    })
    expect((await put('ann')).status).toBe(201)
    fails = true
    expect((await put('eve')).status).toBe(503)
    fails = false
    expect((await put('eve')).status).toBe(503)
    expect((await ask('/entities/User/eve')).status).toBe(404)
    expect((await ask('/entities/User/ann')).status).toBe(200)
    expect(store.probe()).toMatchObject({ status: 'degraded' })
    await service.close()
    await start({ path })
    expect((await put('eve')).status).toBe(201)
  })

  it('is not tried where it waited behind one of which nobody knows what became', async () => {
    const hang = Promise.withResolvers<void>()
    let commits = 0
    const { ask } = await start({
      wrap: (backend) => ({
        ...backend,
        commit: async () => {
          commits += 1
          await hang.promise
          throw new PdpServerError('store-failed', 'the disk failed')
        },
      }),
    })
    const first = put('ann')
    await vi.waitFor(() => expect(commits).toBe(1))
    const second = put('eve')
    await ask('/entities/User')
    hang.resolve()
    expect([(await first).status, (await second).status]).toEqual([503, 503])
    expect(commits).toBe(1)
  })

  it('is answered in time by a disk that hangs, and counts once it is there', async () => {
    const hang = Promise.withResolvers<void>()
    let hangs = false
    const { ask } = await start({
      timeoutMs: 20,
      wrap: (backend) => ({
        ...backend,
        commit: async (commit) => {
          if (hangs) await hang.promise
          await backend.commit(commit)
        },
      }),
    })
    hangs = true
    const [first, second] = await Promise.all([put('ann', '"k"'), put('eve')])
    expect([first.status, second.status]).toEqual([503, 503])
    const waiting = await put('omar')
    expect(waiting).toMatchObject({
      status: 503,
      json: { detail: expect.stringContaining('nothing was stored') },
    })
    expect((await put('ann', '"k"')).status).toBe(409)
    hangs = false
    hang.resolve()
    await put('last')
    expect((await ask('/entities/User/ann')).status).toBe(200)
    expect((await put('ann', '"k"')).status).toBe(201)
    expect((await ask('/entities/User/omar')).status).toBe(404)
  })
})

describe('writes at one time', () => {
  it('share commits, and each has a number of its own', async () => {
    let commits = 0
    const { ask } = await start({
      wrap: (backend) => ({
        ...backend,
        commit: (commit) => {
          commits += 1
          return backend.commit(commit)
        },
      }),
    })
    const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => put(`u${index}`)))
    expect(new Set(replies.map(({ headers }) => headers.get('edict-data-number'))).size).toBe(50)
    expect(commits).toBeLessThan(10)
    const raced = await Promise.all(
      Array.from({ length: 5 }, () =>
        ask('/entities/User/new', { method: 'PUT', body: {}, headers: { 'if-none-match': '*' } }),
      ),
    )
    expect(raced.map(({ status }) => status).sort()).toEqual([201, 412, 412, 412, 412])
  })

  it('are for callers with the scope admin', async () => {
    await start({
      gates: [
        (exchange) => {
          exchange.caller = { id: 'key:reader', scopes: new Set(['decide']) }
          return undefined
        },
      ],
    })
    expect((await put('ann')).status).toBe(403)
    for (const path of [
      '/entities/User',
      '/entities/User/ann',
      '/assignments',
      '/assignments/x',
      '/admin/batch',
    ]) {
      expect((await service.ask(path)).status).toBe(403)
    }
  })
})
