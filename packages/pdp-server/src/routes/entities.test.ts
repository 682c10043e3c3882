import { afterEach, describe, expect, it, vi } from 'vitest'
import { createStoreService, START, type StoreService } from '../test-support/entity-store.ts'
import { loadPolicy, type Reply } from '../test-support/service.ts'

let service: StoreService
afterEach(() => service.close())

const start = async (): Promise<StoreService> => {
  service = await createStoreService()
  return service
}

const ann = { type: 'User', id: 'ann' }
const doc = { type: 'Doc', id: 'd1' }
const editor = { role: 'editor', to: ann, on: doc }
const writes = (body: unknown, headers: Record<string, string> = {}) => ({ method: 'PUT', body, headers })

async function decide(action: string, headers: Record<string, string> = {}): Promise<unknown> {
  const body = { subject: ann, action: { name: action }, resource: doc }
  const { status, json } = await service.ask('/decide', { body, headers })
  return status === 200 ? (json as { readonly decision: string }).decision : status
}

/** The paths and details of problem details. */
function problemsOf({ json }: Reply): readonly string[] {
  const { errors = [] } = json as { readonly errors?: readonly { path: string; detail: string }[] }
  return errors.map(({ path, detail }) => `${path}: ${detail}`)
}

describe('PUT /entities/{type}/{id}', () => {
  it('stores an entity, and decisions see it from its answer on', async () => {
    const { ask } = await start()
    expect(await decide('write')).toBe('deny')
    const created = await ask('/entities/Doc/d1', writes({ properties: { owner: 'ann' } }))
    const number = START + 1
    expect(created).toMatchObject({
      status: 201,
      json: { ...doc, properties: { owner: 'ann' }, parents: [], number },
    })
    expect(created.headers.get('edict-data-number')).toBe(String(number))
    expect(created.headers.get('etag')).toBe(`"${number}"`)
    expect(await decide('write', { 'edict-min-data-number': String(number) })).toBe('allow')
    expect(await decide('write', { 'edict-min-data-number': String(number + 1) })).toBe(412)
    const replaced = await ask('/entities/Doc/d1', writes({ properties: { owner: 'eve' } }))
    expect(replaced).toMatchObject({ status: 200, json: { number: number + 1 } })
    expect(await decide('write')).toBe('deny')
    expect((await ask('/entities/Doc/d1')).json).toMatchObject({ properties: { owner: 'eve' } })
  })

  it('keeps number and tag where nothing is other than it was', async () => {
    const { ask, records } = await start()
    const first = await ask('/entities/Doc/d1', writes({ properties: { owner: 'ann' } }))
    const again = await ask('/entities/Doc/d1', writes({ properties: { owner: 'ann' } }))
    expect(again.status).toBe(200)
    for (const name of ['etag', 'edict-data-number'])
      expect(again.headers.get(name)).toBe(first.headers.get(name))
    expect(records.map(({ steps }) => steps.length)).toEqual([1, 0])
  })

  it('refuses what the policies do not know, and warns of what rules will not read', async () => {
    const { ask } = await start()
    const refused = await ask(
      '/entities/User/ann',
      writes({ parents: [{ type: 'Doc', id: 'd1' }], propertis: {} }),
    )
    expect(refused.status).toBe(400)
    expect(problemsOf(refused)).toEqual([
      '$.propertis: means nothing here (did you mean `properties`?)',
      '$.parents[0]: `User` cannot lie below `Doc` (after `in` stand: Team)',
    ])
    const warned = await ask('/entities/User/ann', writes({ properties: { email: 7 } }))
    expect(warned.json).toMatchObject({ warnings: [{ path: '$.properties.email' }] })
    expect(problemsOf(await ask('/entities/User/ann', writes({ id: 'eve' })))).toEqual([
      '$.id: is another than the one in the address',
    ])
    await ask('/entities/Team/a', writes({ parents: [{ type: 'Team', id: 'b' }] }))
    const circle = await ask('/entities/Team/b', writes({ parents: [{ type: 'Team', id: 'a' }] }))
    expect(problemsOf(circle)).toEqual([expect.stringContaining('entities lie below themselves')])
    expect((await ask('/entities/Team/b')).status).toBe(404)
  })

  it('writes only where its conditions hold', async () => {
    const { ask } = await start()
    const put = (headers: Record<string, string>) =>
      ask('/entities/Doc/d1', writes({ properties: {} }, headers))
    expect((await put({ 'if-match': '*' })).status).toBe(412)
    expect((await put({ 'if-none-match': '*' })).status).toBe(201)
    expect((await put({ 'if-none-match': '*' })).status).toBe(412)
    const etag = (await ask('/entities/Doc/d1')).headers.get('etag') ?? ''
    expect((await put({ 'if-match': `"1", ${etag}` })).status).toBe(200)
    expect((await put({ 'if-match': `W/${etag}` })).status).toBe(412)
    expect((await put({ 'if-match': '"1"' })).status).toBe(412)
    expect((await put({ 'if-match': '17' })).status).toBe(400)
    expect((await ask('/entities/Doc/d1', { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it('names any entity, decoded once', async () => {
    const { ask } = await start()
    const ids = ['a/b', '%2F', '..%2f', '__proto__', 'é 😀', '?#&=+', 'a\u0000b', '"\\', ' ']
    for (const id of ids) {
      const address = `/entities/User/${encodeURIComponent(id)}`
      expect((await ask(address, writes({ properties: { email: id } }))).status).toBe(201)
      expect((await ask(address)).json).toMatchObject({ type: 'User', id, properties: { email: id } })
    }
    for (const id of ['', '.', '..', ...ids]) {
      const address = `/entities?type=User&id=${encodeURIComponent(id)}`
      expect((await ask(address, writes({ properties: { email: id } }))).status).toBe(
        ids.includes(id) ? 200 : 201,
      )
      expect((await ask(address)).json).toMatchObject({ id })
    }
    const prototype = '{"properties":{"a":"x","__proto__":{"b":1}}}'
    expect((await ask('/entities/__proto__/__proto__', writes(prototype))).status).toBe(201)
    expect((await ask('/entities/__proto__/__proto__')).text).toContain(
      '"properties":{"a":"x","__proto__":{"b":1}}',
    )
    const listed = (await ask('/entities/User?limit=1000')).json as {
      readonly entities: readonly { id: string }[]
    }
    expect(listed.entities.map(({ id }) => id)).toEqual([
      '',
      ' ',
      '"\\',
      '%2F',
      '.',
      '..',
      '..%2f',
      '?#&=+',
      '__proto__',
      'a\u0000b',
      'a/b',
      'é 😀',
    ])
  })

  it('refuses addresses of which there could be two readings', async () => {
    const { ask } = await start()
    const statusOf = async (path: string) => (await ask(path, writes({}))).status
    expect(await statusOf('/entities/User/%E0%A4%A')).toBe(400)
    expect(await statusOf('/entities/User/%FF')).toBe(400)
    expect(await statusOf('/entities?type=User&id=%FF')).toBe(400)
    expect(await statusOf('/entities?type=User&id=a&id=b')).toBe(400)
    expect(await statusOf('/entities?type=User')).toBe(400)
    expect(await statusOf('/entities/User/a?id=b')).toBe(400)
    expect(await statusOf('/entities/User/')).toBe(404)
    expect(await statusOf('/entities/User/a/b')).toBe(404)
    expect(await statusOf('//entities/User/a')).toBe(404)
    expect(await statusOf('/entities/User/..')).toBe(404)
    expect(await statusOf('/entities/User/%2e%2e/%2e%2e/decide')).toBe(405)
    expect((await ask('/entities/User')).json).toEqual({ entities: [] })
  })

  it('takes JSON objects alone', async () => {
    const { ask } = await start()
    const statusOf = async (body: string, headers = {}) =>
      (await ask('/entities/User/a', writes(body, headers))).status
    expect(await statusOf('[]')).toBe(400)
    expect(await statusOf('')).toBe(400)
    expect(await statusOf('{"properties":{},"properties":{}}')).toBe(400)
    expect(await statusOf('{"properties":[]}')).toBe(400)
    expect(await statusOf('{"properties":{"email":[1e999]}}')).toBe(400)
    expect(await statusOf('{}', { 'content-type': 'text/plain' })).toBe(415)
    expect(await statusOf('{}', { 'content-type': 'application/merge-patch+json' })).toBe(415)
    expect((await ask('/entities/User/a', { method: 'POST', body: {} })).headers.get('allow')).toBe(
      'GET, PUT, PATCH, DELETE',
    )
  })
})

describe('PATCH /entities/{type}/{id}', () => {
  const patch = (body: unknown, headers: Record<string, string> = {}) => ({
    method: 'PATCH',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/merge-patch+json', ...headers },
  })

  it('changes what the patch names', async () => {
    const { ask } = await start()
    const parents = [{ type: 'Team', id: 'red' }]
    await ask('/entities/User/ann', writes({ properties: { email: 'a', more: { x: 1, y: [1] } }, parents }))
    const patched = await ask('/entities/User/ann', patch({ properties: { email: null, more: { y: [2] } } }))
    expect(patched).toMatchObject({ status: 200, json: { properties: { more: { x: 1, y: [2] } }, parents } })
    expect((patched.json as { readonly properties: object }).properties).not.toHaveProperty('email')
    expect((await ask('/entities/User/ann', patch({ parents: null }))).json).toMatchObject({ parents: [] })
    expect((await ask('/entities/User/ann', patch({ parent: [] }))).status).toBe(400)
    expect((await ask('/entities/User/eve', patch({}))).status).toBe(404)
    expect((await ask('/entities/User/ann', patch({}, { 'if-match': '"1"' }))).status).toBe(412)
  })
})

describe('DELETE /entities/{type}/{id}', () => {
  it('keeps an entity that assignments name, unless they are to go with it', async () => {
    const { ask } = await start()
    await ask('/entities/User/ann', writes({}))
    await ask('/assignments', writes(editor))
    await ask(
      '/assignments',
      writes({ role: 'viewer', to: { role: 'editor', on: doc }, on: { type: 'Doc', id: 'd2' } }),
    )
    await ask('/entities/Doc/d1', writes({}))
    const kept = await ask('/entities/User/ann', { method: 'DELETE' })
    expect(kept).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('1 assignment names User::"ann"') },
    })
    expect(await decide('write')).toBe('allow')
    expect((await ask('/entities/User/ann?cascade=yes', { method: 'DELETE' })).status).toBe(400)
    const gone = await ask('/entities/Doc/d1?cascade=true', { method: 'DELETE' })
    expect(gone).toMatchObject({ status: 200, json: { deleted: true, assignments: 2 } })
    expect(await decide('write')).toBe('deny')
    expect((await ask('/assignments')).json).toEqual({ assignments: [] })
    expect((await ask('/entities/User/ann', { method: 'DELETE' })).json).toEqual({
      deleted: true,
      assignments: 0,
    })
    expect((await ask('/entities/User/ann', { method: 'DELETE' })).status).toBe(404)
  })
})

describe('GET /entities/{type}', () => {
  it('gives pages by id', async () => {
    const { ask } = await start()
    const operations = ['b', 'a', '\u{10000}', '\uffff', 'c'].map((id) => ({
      op: 'putEntity',
      type: 'User',
      id,
    }))
    await ask('/admin/batch', { body: { operations } })
    const ids: string[] = []
    let after: string | undefined
    for (let pages = 0; pages < 5; pages++) {
      const query = after === undefined ? '' : `&after=${encodeURIComponent(after)}`
      const { json } = await ask(`/entities/User?limit=2${query}`)
      const page = json as { readonly entities: readonly { readonly id: string }[]; readonly next?: string }
      ids.push(...page.entities.map(({ id }) => id))
      after = page.next
      if (after === undefined) break
    }
    expect(ids).toEqual(['a', 'b', 'c', '\uffff', '\u{10000}'])
    for (const limit of ['0', '1001', 'x', '-1', '1e2']) {
      expect((await ask(`/entities/User?limit=${limit}`)).status).toBe(400)
    }
  })
})

describe('policies that are loaded while there is stored data', () => {
  it('are refused where a row would not fit, and nothing changes', async () => {
    const { ask, load, pdp } = await start()
    await ask('/entities/User/ann', writes({ parents: [{ type: 'Team', id: 'red' }] }))
    await ask('/assignments', writes(editor))
    const before = pdp.current()
    let error: unknown
    try {
      load(
        loadPolicy(
          'subject User\nentity Team\nresource Doc { actions read }\nrole viewer { can read on Doc }\nrule r: allow read on Doc to User::"x"',
        ),
      )
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({
      code: 'bad-entity-data',
      message: '2 rows of the entity store would not fit the policies',
      problems: [
        {
          path: 'User::"ann" parents[0]',
          detail: '`User` cannot lie below `Team` (`User` is declared without `in`)',
        },
        {
          path: expect.stringMatching(/^assignment \{"role":"editor".*\} role$/),
          detail: 'there is no role `editor`',
        },
      ],
    })
    expect(pdp.current()).toBe(before)
    expect(await decide('write')).toBe('allow')
  })

  it('are refused where a write that is under way would not fit, which then is done', async () => {
    const hang = Promise.withResolvers<void>()
    let commits = 0
    service = await createStoreService({
      wrap: (backend) => ({
        ...backend,
        commit: async (commit) => {
          commits += 1
          await hang.promise
          await backend.commit(commit)
        },
      }),
    })
    const { ask, load, pdp } = service
    const writing = ask('/entities/User/ann', writes({ parents: [{ type: 'Team', id: 'red' }] }))
    await vi.waitFor(() => expect(commits).toBe(1))
    const withoutTeams = loadPolicy(
      'subject User\nresource Doc { actions read }\nrule r: allow read on Doc to User::"x"',
    )
    expect(() => load(withoutTeams)).toThrow('1 row of the entity store would not fit the policies')
    expect((await ask('/entities/User/ann')).status).toBe(404)
    const later = ask('/entities/User/eve', writes({ parents: [{ type: 'Team', id: 'red' }] }))
    hang.resolve()
    expect((await writing).status).toBe(201)
    expect((await later).status).toBe(201)
    expect(() => load(withoutTeams)).toThrow('2 rows')
    await ask('/admin/batch', {
      body: { operations: ['ann', 'eve'].map((id) => ({ op: 'putEntity', type: 'User', id })) },
    })
    load(withoutTeams)
    expect(pdp.current()?.policySet).toBe(withoutTeams)
    expect((await ask('/entities/User/ann', writes({ parents: [{ type: 'Team', id: 'red' }] }))).status).toBe(
      400,
    )
  })
})
