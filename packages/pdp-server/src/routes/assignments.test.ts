import { afterEach, describe, expect, it } from 'vitest'
import { createStoreService, START, type StoreService } from '../test-support/entity-store.ts'
import type { Reply } from '../test-support/service.ts'

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
const gone = (body: unknown) => ({ method: 'DELETE', body })

async function decide(action: string): Promise<unknown> {
  const body = { subject: ann, action: { name: action }, resource: doc }
  return ((await service.ask('/decide', { body })).json as { readonly decision: string }).decision
}

const idOf = ({ json }: Reply): string => (json as { readonly id: string }).id

describe('PUT and DELETE /assignments', () => {
  it('give a role and take it back, seen by decisions at once', async () => {
    const { ask, records } = await start()
    expect(await decide('write')).toBe('deny')
    const given = await ask('/assignments', writes(editor))
    expect(given).toMatchObject({ status: 201, json: { ...editor, number: START + 1 } })
    expect(await decide('write')).toBe('allow')
    expect((await ask('/assignments', writes(editor))).status).toBe(200)
    expect((await ask(`/assignments/${idOf(given)}`)).json).toEqual(given.json)
    expect(await ask('/assignments', gone(editor))).toMatchObject({
      status: 200,
      json: { deleted: true, assignments: 1 },
    })
    expect(await decide('write')).toBe('deny')
    expect((await ask('/assignments', gone(editor))).status).toBe(404)
    expect((await ask(`/assignments/${idOf(given)}`)).status).toBe(404)
    expect(records.map(({ number, steps }) => [number, steps.length])).toEqual([
      [START + 1, 1],
      [START + 1, 0],
      [START + 2, 1],
    ])
  })

  it('end at their second without a write', async () => {
    const { ask, setClock } = await start()
    const expires = START / 1000 + 60
    await ask('/assignments', writes({ ...editor, expires }))
    setClock(START + 59_999)
    expect(await decide('write')).toBe('allow')
    setClock(START + 60_000)
    expect(await decide('write')).toBe('deny')
    const later = await ask('/assignments', writes({ ...editor, expires: expires + 60 }))
    expect(later).toMatchObject({ status: 200, json: { expires: expires + 60 } })
    expect(await decide('write')).toBe('allow')
    expect((await ask('/assignments')).json).toMatchObject({ assignments: [{ expires: expires + 60 }] })
    await ask('/assignments', writes({ ...editor, expires: START / 1000 }))
    expect(await decide('write')).toBe('deny')
    await ask('/assignments', gone({ ...editor, expires: 'whenever' }))
    expect((await ask('/assignments')).json).toEqual({ assignments: [] })
  })

  it('refuse what could reach further than was meant', async () => {
    const { ask } = await start()
    const statusOf = async (body: unknown) => (await ask('/assignments', writes(body))).status
    expect(await statusOf({ role: 'editor', to: ann })).toBe(400)
    expect(await statusOf({ ...editor, expries: 1 })).toBe(400)
    expect(await statusOf({ ...editor, expires: 'tomorrow' })).toBe(400)
    expect(await statusOf({ ...editor, to: { type: 'User', id: null } })).toBe(400)
    expect(await statusOf({ ...editor, role: 'exporter' })).toBe(400)
    expect(await statusOf({ ...editor, role: 'exporter', with: { limit: 11 } })).toBe(201)
    expect(await decide('delete')).toBe('allow')
    expect((await ask('/assignments', { method: 'DELETE' })).status).toBe(400)
    expect((await ask('/assignments', gone({ role: 'exporter', to: ann, on: doc }))).status).toBe(404)
    expect(
      (await ask('/assignments', gone({ ...editor, role: 'exporter', with: { limit: 11 } }))).status,
    ).toBe(200)
  })

  it('write only where conditions hold', async () => {
    const { ask } = await start()
    const put = (headers: Record<string, string>) =>
      ask('/assignments', writes({ ...editor, expires: 1 }, headers))
    expect((await put({ 'if-match': '*' })).status).toBe(412)
    const made = await put({ 'if-none-match': '*' })
    expect(made.status).toBe(201)
    expect((await put({ 'if-none-match': '*' })).status).toBe(412)
    const etag = made.headers.get('etag') ?? ''
    const by = (tag: string) => ({ method: 'DELETE', headers: { 'if-match': tag } })
    expect((await ask(`/assignments/${idOf(made)}`, by('"1"'))).status).toBe(412)
    expect((await ask(`/assignments/${idOf(made)}`, by(etag))).status).toBe(200)
  })
})

describe('GET /assignments', () => {
  it('gives those of a role, to a target, on a scope, page by page', async () => {
    const { ask } = await start()
    const rows = [
      editor,
      { role: 'viewer', to: ann, on: '*' },
      { role: 'viewer', to: { type: 'User' }, on: doc },
      { role: 'viewer', to: '*', on: { type: 'Doc' } },
      { role: 'viewer', to: { role: 'editor', on: doc }, on: { type: 'Doc', id: 'd2' } },
    ]
    const operations = rows.map((assignment) => ({ op: 'assign', assignment }))
    expect((await ask('/admin/batch', { body: { operations } })).status).toBe(200)
    const rowsOf = async (query: string): Promise<readonly number[]> => {
      const { json } = await ask(`/assignments?${query}`)
      const { assignments } = json as { readonly assignments: readonly { id: string; number: number }[] }
      return assignments
        .map(({ id: _, number: __, ...row }) =>
          rows.findIndex((one) => JSON.stringify(one) === JSON.stringify(row)),
        )
        .sort()
    }
    const json = (value: unknown) => encodeURIComponent(JSON.stringify(value))
    expect(await rowsOf('')).toEqual([0, 1, 2, 3, 4])
    expect(await rowsOf('role=viewer')).toEqual([1, 2, 3, 4])
    expect(await rowsOf(`to=${json(ann)}`)).toEqual([0, 1])
    expect(await rowsOf(`to=${json(ann)}&on=*`)).toEqual([1])
    expect(await rowsOf(`to=${json({ role: 'editor', on: doc })}`)).toEqual([4])
    expect(await rowsOf(`on=${json(doc)}&role=editor`)).toEqual([0])
    expect(await rowsOf(`to=*`)).toEqual([3])
    for (const query of [
      'to=ann',
      'on={"role":"editor","on":{"type":"Doc","id":"d1"}}',
      'to={"type":1}',
      'of=x',
    ]) {
      expect((await ask(`/assignments?${encodeURI(query)}`)).status).toBe(400)
    }
    const seen: string[] = []
    let after = ''
    for (let pages = 0; pages < 6; pages++) {
      const page = (await ask(`/assignments?limit=2${after}`)).json as {
        readonly assignments: readonly { readonly id: string }[]
        readonly next?: string
      }
      seen.push(...page.assignments.map(({ id }) => id))
      if (page.next === undefined) break
      after = `&after=${page.next}`
    }
    expect(new Set(seen).size).toBe(5)
  })
})

describe('POST /admin/batch', () => {
  const batch = (...operations: readonly object[]) => ({ body: { operations } })
  const put = (id: string, rest: object = {}) => ({ op: 'putEntity', type: 'Doc', id, ...rest })

  it('does all in order, under one number', async () => {
    const { ask } = await start()
    const done = await ask(
      '/admin/batch',
      batch(
        put('d1', { properties: { owner: 'eve' } }),
        { op: 'patchEntity', type: 'Doc', id: 'd1', patch: { properties: { owner: 'ann' } } },
        { op: 'assign', assignment: { role: 'viewer', to: ann, on: '*' } },
        { op: 'revoke', assignment: { role: 'viewer', to: ann, on: '*' } },
        put('d2'),
        { op: 'deleteEntity', type: 'Doc', id: 'd2' },
      ),
    )
    expect(done.status).toBe(200)
    const { results } = done.json as { readonly results: readonly { readonly status: number }[] }
    expect(results.map(({ status }) => status)).toEqual([201, 200, 201, 200, 201, 200])
    expect(done.headers.get('edict-data-number')).toBe(String(START + 1))
    expect(await decide('write')).toBe('allow')
    expect((await ask('/entities/Doc/d2')).status).toBe(404)
    expect((await ask('/assignments')).json).toEqual({ assignments: [] })
  })

  it('does nothing where one thing cannot be done, and says which', async () => {
    const { ask, records } = await start()
    const checkRefused = async (status: number, text: string, ...operations: readonly object[]) => {
      const refused = await ask('/admin/batch', batch(put('d1'), ...operations))
      expect(refused.status).toBe(status)
      expect(refused.text).toContain(text)
      expect((await ask('/entities/Doc/d1')).status).toBe(404)
    }
    await checkRefused(400, '$.operations[1].parents', put('d2', { parents: [ann] }))
    await checkRefused(400, '$.operations[1].assignment.role', {
      op: 'assign',
      assignment: { ...editor, role: 'x' },
    })
    await checkRefused(400, '$.operations[1].op', { op: 'drop' })
    await checkRefused(400, 'means nothing here', { op: 'deleteEntity', type: 'Doc', id: 'd1', cascde: true })
    await checkRefused(412, '$.operations[1]', put('d1', { ifNoneMatch: '*' }))
    await checkRefused(412, '$.operations[1]', put('d2', { ifMatch: '"1"' }))
    await checkRefused(404, 'there is no', { op: 'deleteEntity', type: 'Doc', id: 'd3' })
    await checkRefused(
      409,
      '1 assignment names',
      { op: 'assign', assignment: editor },
      { op: 'deleteEntity', type: 'Doc', id: 'd1' },
    )
    await checkRefused(400, 'at most 1000', ...Array.from({ length: 1000 }, (_, index) => put(String(index))))
    expect(records).toEqual([])
  })

  it('takes what would close a circle only if the end of the batch has none', async () => {
    const { ask } = await start()
    const team = (id: string, ...parents: readonly string[]) => ({
      op: 'putEntity',
      type: 'Team',
      id,
      parents: parents.map((parent) => ({ type: 'Team', id: parent })),
    })
    expect((await ask('/admin/batch', batch(team('a', 'b'), team('b', 'a')))).status).toBe(400)
    expect((await ask('/admin/batch', batch(team('a', 'b'), team('b', 'a'), team('a')))).status).toBe(200)
  })
})
