import { once } from 'node:events'
import { connect } from 'node:net'
import { OpenAPIHono } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import type { SearchRecord } from '../decide/search-record.ts'
import { PdpServerError } from '../errors.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { Gate } from '../middleware/gate.ts'
import { createPageTokens } from '../search/page-token.ts'
import { createSearchTurns } from '../search/search-turns.ts'
import { startServer } from '../server.ts'
import { NO_LOG } from '../telemetry/log.ts'
import {
  type AskOptions,
  ann,
  createAsk,
  createTestPdp,
  DATA,
  eve,
  open,
  shut,
} from '../test-support/service.ts'
import { PLAIN_FORM } from '../wire/authzen.ts'
import { createSearchResponseSchemas } from '../wire/search.ts'
import { addSearchRoutes, type SearchContext } from './search.ts'

const SUBJECT = '/access/v1/search/subject'
const RESOURCE = '/access/v1/search/resource'
const ACTION = '/access/v1/search/action'

const readers = { subject: { type: 'User' }, action: { name: 'read' }, resource: open }
const readable = { subject: eve, action: { name: 'read' }, resource: { type: 'Doc' } }
const deeds = { subject: ann, resource: shut }

/** Docs 0 to 9, those with even numbers open. */
const MANY = {
  entities: [
    ...(DATA.entities ?? []),
    ...Array.from({ length: 10 }, (_, at) => ({
      type: 'Doc',
      id: `doc ${at}`,
      properties: { owner: 'ann', isSecret: at % 2 === 1 },
    })),
  ],
}
const OPEN_DOCS = ['doc 0', 'doc 2', 'doc 4', 'doc 6', 'doc 8', 'open']

const ask = createAsk()
const askMany = (options = {}) => createAsk({ pdp: createTestPdp(undefined, MANY), ...options })
const schemas = createSearchResponseSchemas(PLAIN_FORM.obligation)

interface Page {
  readonly page?: { readonly next_token: string }
  readonly results: readonly { readonly id?: string; readonly name?: string }[]
}

const idsOf = (json: unknown) => (json as Page).results.map(({ id, name }) => id ?? name)
const tokenOf = (json: unknown) => (json as Page).page?.next_token

describe('POST /access/v1/search/…', () => {
  it.each([
    ['subject', SUBJECT, readers, '{"results":[{"type":"User","id":"ann"}]}'],
    ['resource', RESOURCE, readable, '{"results":[{"type":"Doc","id":"open"}]}'],
    ['action', ACTION, deeds, '{"results":[{"name":"export"},{"name":"read"},{"name":"write"}]}'],
  ] as const)('answers a search for a %s', async (kind, path, body, expected) => {
    const { status, text, json, headers } = await ask(path, { body })
    expect([status, text]).toEqual([200, expected])
    expect(schemas[kind].safeParse(json).error).toBeUndefined()
    expect(headers.get('edict-decision-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('edict-policy-version')).toMatch(/^[0-9a-f]{64}$/)
  })

  it('puts with a result what its allow asks for', async () => {
    const action = { name: 'export', properties: { pages: 3 } }
    const { json } = await ask(RESOURCE, { body: { ...readable, action } })
    const context = {
      obligations: [{ name: 'watermark', args: { text: 'eve' } }],
      advice: [{ name: 'compress', args: { level: 9 } }],
    }
    expect(json).toEqual({
      results: [
        { ...open, context },
        { ...shut, context },
      ],
    })
    expect(schemas.resource.safeParse(json).error).toBeUndefined()
    const profile = createAsk({ obligationsProfile: true })
    expect((await profile(RESOURCE, { body: { ...readable, action } })).json).toMatchObject({
      results: [{ context: { obligations: [{ id: 'watermark', type: 'custom' }] } }, {}],
    })
  })

  it('takes properties of what is given, and nothing of what is looked for', async () => {
    const subject = { ...eve, properties: { roles: ['editor'] } }
    const action = { name: 'write' }
    expect(idsOf((await ask(RESOURCE, { body: { ...readable, subject, action } })).json)).toEqual([
      'open',
      'shut',
    ])
    const resource = { type: 'Doc', id: 7, properties: { isSecret: false } }
    expect(idsOf((await ask(RESOURCE, { body: { ...readable, resource } })).json)).toEqual(['open'])
    const roles = ['editor']
    expect(
      idsOf((await ask(SUBJECT, { body: { ...readers, action, subject: { ...eve, roles } } })).json),
    ).toEqual(['ann'])
  })

  it('ignores what AuthZEN does not know', async () => {
    const more = { explain: true, requests: [], entities: 7, foo: {} }
    expect((await ask(ACTION, { body: { ...deeds, ...more, action: 7 } })).status).toBe(200)
    const subject = { ...eve, roles: ['editor'] }
    const body = { ...readable, ...more, subject, action: { name: 'write' } }
    expect((await ask(RESOURCE, { body })).json).toEqual({ results: [open] })
  })

  it.each([
    ['a resource that nobody knows', SUBJECT, { ...readers, resource: { type: 'Doc', id: 'none' } }],
    ['a type that is looked for and not known', SUBJECT, { ...readers, subject: { type: 'spaceship' } }],
    [
      'a type that is given and not known',
      RESOURCE,
      { ...readable, subject: { type: 'spaceship', id: 'x' } },
    ],
    ['an action that is not known', RESOURCE, { ...readable, action: { name: 'fly' } }],
    ['a resource without actions', ACTION, { ...deeds, resource: { type: 'spaceship', id: 'x' } }],
  ])('finds nothing for %s', async (_, path, body) => {
    const { status, text } = await ask(path, { body })
    expect([status, text]).toEqual([200, '{"results":[]}'])
  })

  it.each<[string, string, object, string]>([
    ['no action', SUBJECT, { subject: { type: 'User' }, resource: open }, '$.action'],
    ['no subject', SUBJECT, { action: { name: 'read' }, resource: open }, '$.subject'],
    ['no type to look for', SUBJECT, { ...readers, subject: { id: 'ann' } }, '$.subject.type'],
    ['a resource without id', SUBJECT, { ...readers, resource: { type: 'Doc' } }, '$.resource.id'],
    ['a subject without id', RESOURCE, { ...readable, subject: { type: 'User' } }, '$.subject.id'],
    ['no type of resources', RESOURCE, { ...readable, resource: {} }, '$.resource.type'],
    ['no resource', ACTION, { subject: ann }, '$.resource'],
    ['no name', SUBJECT, { ...readers, action: {} }, '$.action.name'],
    ['a context of another kind', ACTION, { ...deeds, context: [] }, '$.context'],
    ['a clock', RESOURCE, { ...readable, context: { now: 0 } }, '$.context.now'],
    [
      'a clock, with no room for results',
      RESOURCE,
      { ...readable, context: { now: 0 }, page: { limit: 0 } },
      '$.context.now',
    ],
    ['a page of another kind', SUBJECT, { ...readers, page: [] }, '$.page'],
    ['a token of another kind', SUBJECT, { ...readers, page: { token: 1 } }, '$.page.token'],
    ['the token of the end', SUBJECT, { ...readers, page: { token: '' } }, '$.page.token'],
    ['a limit below 0', SUBJECT, { ...readers, page: { limit: -1 } }, '$.page.limit'],
    ['half a limit', SUBJECT, { ...readers, page: { limit: 0.5 } }, '$.page.limit'],
    ['a limit as text', SUBJECT, { ...readers, page: { limit: '1' } }, '$.page.limit'],
    ['an endless limit', SUBJECT, { ...readers, page: { limit: 1e300 } }, '$.page.limit'],
    [
      'properties of a page of another kind',
      SUBJECT,
      { ...readers, page: { properties: 1 } },
      '$.page.properties',
    ],
  ])('refuses %s', async (_, path, body, at) => {
    const { status, json } = await ask(path, { body })
    expect([status, json]).toMatchObject([400, { status: 400, errors: [{ path: at }] }])
  })

  it('is no endpoint for other methods and types', async () => {
    for (const path of [SUBJECT, RESOURCE, ACTION]) {
      expect((await ask(path)).status).toBe(405)
      expect((await ask(path, { body: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(400)
    }
    expect((await ask('/access/v1/search/action/', { body: deeds })).status).toBe(404)
  })
})

describe('pages of a search', () => {
  async function readAll(page: object, ask = askMany()): Promise<readonly (readonly unknown[])[]> {
    const pages: unknown[][] = []
    let next: object = page
    for (;;) {
      const { status, json, text } = await ask(RESOURCE, { body: { ...readable, page: next } })
      expect([status, text]).toEqual([
        200,
        expect.stringMatching(/^\{"page":\{"next_token":"[^"]*"\},"results":/),
      ])
      pages.push(idsOf(json))
      const token = tokenOf(json)
      if (token === '') return pages
      next = { token }
    }
  }

  it('hold all there is, once and in order', async () => {
    expect(await readAll({})).toEqual([OPEN_DOCS])
    expect(await readAll({ limit: null, token: null })).toEqual([OPEN_DOCS])
    expect(await readAll({ limit: 4 })).toEqual([OPEN_DOCS.slice(0, 4), OPEN_DOCS.slice(4)])
    expect((await readAll({ limit: 1 })).flat()).toEqual(OPEN_DOCS)
  })

  it('may be named where nobody asks for them, once there is more', async () => {
    const ask = askMany({ limits: { maxSearchResults: 4 } })
    const { json } = await ask(RESOURCE, { body: readable })
    expect([idsOf(json), tokenOf(json)]).toEqual([OPEN_DOCS.slice(0, 4), expect.stringMatching(/./)])
    const rest = await ask(RESOURCE, { body: { ...readable, page: { token: tokenOf(json) } } })
    expect(idsOf(rest.json)).toEqual(OPEN_DOCS.slice(4))
    expect(await readAll({ limit: 100 }, ask)).toEqual([OPEN_DOCS.slice(0, 4), OPEN_DOCS.slice(4)])
  })

  it('end where their steps are used up, empty ones too', async () => {
    const pages = await readAll({}, askMany({ limits: { searchStepBudget: 1 } }))
    expect(pages.length).toBe(12)
    expect(pages.flat()).toEqual(OPEN_DOCS)
  })

  it('hold fewer candidates where the question is long, for each goes through it', async () => {
    const subject = { ...eve, properties: { roles: ['editor'], note: 'x'.repeat(64_000) } }
    const ask = askMany({ limits: { searchStepBudget: 2500 } })
    const { json } = await ask(RESOURCE, { body: { ...readable, subject } })
    expect([idsOf(json), tokenOf(json)]).toEqual([['doc 0', 'doc 2'], expect.stringMatching(/./)])
  })

  it('are empty where there is room for none, and lead to themselves', async () => {
    const ask = askMany()
    const first = await ask(RESOURCE, { body: { ...readable, page: { limit: 0 } } })
    expect(idsOf(first.json)).toEqual([])
    const token = tokenOf(first.json) ?? ''
    const second = await ask(RESOURCE, { body: { ...readable, page: { token } } })
    expect([idsOf(second.json), tokenOf(second.json)]).toEqual([[], expect.stringMatching(/./)])
    const nothing = { ...readable, subject: { type: 'spaceship', id: 'x' }, page: { limit: 0 } }
    expect((await ask(RESOURCE, { body: nothing })).json).toEqual({ page: { next_token: '' }, results: [] })
  })

  it('lead on only where all else stays as it was', async () => {
    const ask = askMany()
    const from = async (page: object, more = {}) => ask(RESOURCE, { body: { ...readable, ...more, page } })
    const token = tokenOf((await from({ limit: 2 })).json)
    expect((await from({ token, limit: 2 })).status).toBe(200)
    // Members in another order, and what nobody reads.
    const { subject, action } = readable
    const turned = {
      page: { token },
      context: null,
      foo: 1,
      resource: { id: 'x', type: 'Doc' },
      action,
      subject,
    }
    expect((await ask(RESOURCE, { body: turned })).status).toBe(200)
    const others: [object, object?][] = [
      [{ token, limit: 3 }],
      [{ token, limit: 0 }],
      [{ token }, { context: {} }],
      [{ token }, { context: { ip: '10.0.0.1' } }],
      [{ token }, { subject: ann }],
      [{ token }, { subject: { ...eve, properties: {} } }],
      [{ token }, { action: { name: 'write' } }],
      [{ token }, { resource: { type: 'User' } }],
      [{ token: `${token}A` }],
    ]
    for (const [page, more] of others) {
      const { status, json } = await from(page, more)
      expect([page, more, status, json]).toMatchObject([
        page,
        more,
        400,
        { errors: [{ path: expect.stringMatching(/^\$\.page\.(token|limit)$/) }] },
      ])
    }
    const asAction = await ask(ACTION, { body: { subject: eve, resource: open, page: { token } } })
    expect(asAction.status).toBe(400)
    const unlimited = tokenOf(
      (await askMany({ limits: { maxSearchResults: 1 } })(RESOURCE, { body: readable })).json,
    )
    expect((await from({ token: unlimited })).status).toBe(400)
  })

  it('refuse a limit where there was none', async () => {
    const ask = askMany({ limits: { maxSearchResults: 1 } })
    const { json } = await ask(RESOURCE, { body: readable })
    const body = { ...readable, page: { token: tokenOf(json), limit: 1 } }
    expect((await ask(RESOURCE, { body })).text).toMatch(/there was none/)
  })

  it('go on in another process that has the key, for the same caller, and not for ever', async () => {
    let now = 0
    const create = (caller: string) => {
      const gate: Gate = (exchange) => {
        exchange.caller = { id: caller, scopes: new Set(['search']) }
        return undefined
      }
      const pageTokens = createPageTokens({ key: Buffer.alloc(32), lifetimeSeconds: 10, now: () => now })
      return askMany({ pageTokens, gates: [gate] })
    }
    const first = await create('key:a')(RESOURCE, { body: { ...readable, page: { limit: 2 } } })
    const options: AskOptions = { body: { ...readable, page: { token: tokenOf(first.json) } } }
    expect(idsOf((await create('key:a')(RESOURCE, options)).json)).toEqual(OPEN_DOCS.slice(2, 4))
    expect((await create('key:b')(RESOURCE, options)).text).toMatch(/another caller/)
    now = 10_000
    expect((await create('key:a')(RESOURCE, options)).text).toMatch(/expired/)
  })

  it('see the data that is there when they are asked for', async () => {
    const pdp = createTestPdp(undefined, MANY)
    const ask = createAsk({ pdp })
    const { json } = await ask(RESOURCE, { body: { ...readable, page: { limit: 2 } } })
    const next = createTestPdp().current()
    if (next !== undefined) pdp.swap(next)
    const rest = await ask(RESOURCE, { body: { ...readable, page: { token: tokenOf(json) } } })
    expect(rest.json).toEqual({ page: { next_token: '' }, results: [open] })
  })
})

describe('a page of a search', () => {
  it('is told of once, and waits for its record', async () => {
    const records: SearchRecord[] = []
    const saved = Promise.withResolvers<void>()
    const hooks = {
      onSearch: (record: SearchRecord) => {
        records.push(record)
        return saved.promise
      },
    }
    const ask = createAsk({ pdp: createTestPdp(undefined, MANY, hooks) })
    let isAnswered = false
    const answer = ask(RESOURCE, { body: { ...readable, page: { limit: 2 } } }).then((reply) => {
      isAnswered = true
      return reply
    })
    while (records.length === 0) await new Promise(setImmediate)
    expect(isAnswered).toBe(false)
    saved.resolve()
    const { headers } = await answer
    expect(records).toEqual([
      {
        id: headers.get('edict-decision-id'),
        origin: expect.anything(),
        time: Date.UTC(2026, 0, 1),
        question: { kind: 'resource', request: readable },
        count: 2,
        isCut: true,
        durationMs: expect.any(Number),
        policyVersion: headers.get('edict-policy-version'),
        dataVersion: expect.any(String),
      },
    ])
  })

  it('is not given where it cannot be recorded', async () => {
    const hooks = { onDecision: () => undefined, onSearch: () => Promise.reject(new Error('secret')) }
    const ask = createAsk({ pdp: createTestPdp(undefined, MANY, hooks) })
    const { status, text } = await ask(RESOURCE, { body: readable })
    expect(status).toBe(500)
    expect(text).not.toMatch(/secret|results/)
  })

  it('lets other requests pass, and ends when nobody waits for it', async () => {
    const pdp = createTestPdp(undefined, MANY)
    const state = pdp.current()
    if (state === undefined) throw new Error('no state')
    let calls = 0
    // As slow as a search can be: it never ends by itself.
    const searchResources = () => {
      calls++
      const until = performance.now() + 6
      while (performance.now() < until);
      return { results: [], next: 'x', steps: 1 }
    }
    pdp.swap({ ...state, policySet: { ...state.policySet, searchResources } })
    const statuses: number[] = []
    const observers = [(_: unknown, status: number) => void statuses.push(status)]
    const server = await startServer({ app: createApp({ pdp, observers }), port: 0, stopTimeoutMs: 100 })
    const body = JSON.stringify(readable)
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      `POST ${RESOURCE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    while (calls === 0) await new Promise(setImmediate)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    socket.destroy()
    while (!statuses.includes(499)) await new Promise(setImmediate)
    const after = calls
    await new Promise(setImmediate)
    expect(calls).toBe(after)
    await server.stop()
  })

  it('is of the state that is there when its turn comes, and for what still holds of its subject then', async () => {
    const pdp = createTestPdp()
    const turns = createSearchTurns()
    const context: SearchContext = {
      pdp,
      limits: DEFAULT_LIMITS,
      log: NO_LOG,
      bodyGates: [],
      publicUrl: undefined,
      signMetadata: undefined,
      evaluationForm: PLAIN_FORM,
      probes: [],
      pageTokens: createPageTokens(),
      turns,
    }
    const endpoint = addSearchRoutes(new OpenAPIHono(), context).find(({ path }) => path === RESOURCE)
    const search = (checkFacts = () => {}) =>
      endpoint?.answer(readable, {
        method: 'POST',
        path: RESOURCE,
        header: () => undefined,
        incoming: undefined,
        setHeader: () => {},
        checkFacts,
      })
    const others = { callerId: undefined, isGone: () => false }
    for (let at = 0; at < 8; at++) void turns.begin(others)
    let holds = true
    const checkFacts = () => {
      if (!holds) throw new PdpServerError('malformed-request', 'the token has expired')
    }
    const pages = Promise.allSettled([search(), search(checkFacts)])
    const next = createTestPdp(undefined, MANY).current()
    if (next !== undefined) pdp.swap(next)
    holds = false
    turns.end(others)
    turns.end(others)
    const [page, refused] = await pages
    expect(idsOf(page.status === 'fulfilled' && JSON.parse(page.value ?? ''))).toEqual(OPEN_DOCS)
    expect(refused).toMatchObject({ reason: { message: 'the token has expired' } })
  })
})
