import { describe, expect, it } from 'vitest'
import { createPdpClient, type PdpClient, type PdpClientOptions } from './client.ts'
import { PdpClientError, type PdpClientErrorCode } from './errors.ts'
import type { ResourceSearch, SearchOptions, SearchPages } from './search-types.ts'

const ann = { type: 'User', id: 'ann' }
const doc = { type: 'Document', id: 'd1' }
const READABLE: ResourceSearch = { subject: ann, action: { name: 'read' }, resource: { type: 'Document' } }
const docs = (...ids: string[]) => ids.map((id) => ({ type: 'Document', id }))

interface Sent {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** A client whose decision point answers with these bodies in turn, the last again and again. */
function clientOf(
  answers: readonly unknown[],
  options: Partial<PdpClientOptions> = {},
): { readonly pdp: PdpClient; readonly sent: readonly Sent[] } {
  const sent: Sent[] = []
  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const answer = answers[Math.min(sent.length, answers.length - 1)]
    sent.push({ path: new URL(String(input)).pathname, body: JSON.parse(String(init?.body)) })
    if (answer instanceof Response || answer instanceof Error) {
      if (answer instanceof Error) throw answer
      return answer
    }
    const headers = { 'content-type': 'application/json' }
    return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { headers })
  }
  const pdp = createPdpClient({
    url: 'http://pdp.test/',
    requestId: false,
    fetch: send as typeof fetch,
    ...options,
  })
  return { pdp, sent }
}

async function checkThrows(pages: SearchPages<unknown>, code: PdpClientErrorCode, why = /./): Promise<void> {
  const error = await pages.all().then(
    (results) => `gave ${JSON.stringify(results)}`,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(PdpClientError)
  expect(error).toMatchObject({ code, message: expect.stringMatching(why) })
  await expect(pages[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(PdpClientError)
}

describe('a search', () => {
  it('gives page after page, each asked for when it is needed', async () => {
    const { pdp, sent } = clientOf([
      { page: { next_token: 't1' }, results: docs('a', 'b') },
      { page: { next_token: 't2' }, results: [] },
      { page: { next_token: '' }, results: docs('c') },
    ])
    const pages = pdp.searchResources(READABLE, { limit: 2 })
    expect(sent).toEqual([])
    const seen = []
    for await (const page of pages) {
      seen.push(page)
      expect(sent).toHaveLength(seen.length)
    }
    expect(seen).toEqual([
      { results: docs('a', 'b'), nextToken: 't1' },
      { results: [], nextToken: 't2' },
      { results: docs('c') },
    ])
    const path = '/access/v1/search/resource'
    expect(sent).toEqual([
      { path, body: { ...READABLE, page: { limit: 2 } } },
      { path, body: { ...READABLE, page: { limit: 2, token: 't1' } } },
      { path, body: { ...READABLE, page: { limit: 2, token: 't2' } } },
    ])
  })

  it('gives all at once, and again', async () => {
    const { pdp, sent } = clientOf([
      { page: { next_token: 't' }, results: docs('a') },
      { results: docs('b') },
      { results: docs('c') },
    ])
    const pages = pdp.searchResources(READABLE)
    expect(await pages.all()).toEqual(docs('a', 'b'))
    expect(await pages.all()).toEqual(docs('c'))
    expect(sent[0]?.body.page).toEqual({ limit: 1000 })
  })

  it('asks for no page that nobody wants', async () => {
    const { pdp, sent } = clientOf([{ page: { next_token: 't' }, results: docs('a') }])
    for await (const _ of pdp.searchResources(READABLE)) break
    expect(sent).toHaveLength(1)
  })

  it('goes on behind a page', async () => {
    const { pdp, sent } = clientOf([{ results: [] }])
    expect(await pdp.searchResources(READABLE, { pageToken: 't9', limit: 5 }).all()).toEqual([])
    expect(sent[0]?.body.page).toEqual({ limit: 5, token: 't9' })
  })

  it('sends what a search may hold, and of what is looked for the type', async () => {
    const { pdp, sent } = clientOf([{ results: [] }], { url: 'http://pdp.test/edict//' })
    const context = { ip: '10.0.0.1' }
    const action = { name: 'read' }
    const more = { context, entities: [doc], page: { limit: 9 }, requests: [] }
    await pdp.searchSubjects({ ...more, subject: ann, action, resource: doc }).all()
    await pdp.searchResources({ ...more, subject: ann, action, resource: doc }).all()
    await pdp.searchActions({ ...more, subject: ann, action, resource: doc } as never).all()
    const page = { limit: 1000 }
    expect(sent).toEqual([
      {
        path: '/edict/access/v1/search/subject',
        body: { subject: { type: 'User' }, action, resource: doc, context, page },
      },
      {
        path: '/edict/access/v1/search/resource',
        body: { subject: ann, action, resource: { type: 'Document' }, context, page },
      },
      { path: '/edict/access/v1/search/action', body: { subject: ann, resource: doc, context, page } },
    ])
  })

  it('brings the token of the end user instead of a subject', async () => {
    const { pdp, sent } = clientOf([{ results: [{ name: 'read' }] }])
    expect(await pdp.searchActions({ token: 'eyJ', resource: doc }).all()).toEqual([{ name: 'read' }])
    expect(sent[0]?.body).toEqual({ token: 'eyJ', resource: doc, page: { limit: 1000 } })
    await checkThrows(
      pdp.searchActions({ token: 'eyJ', subject: ann, resource: doc } as never),
      'malformed-request',
    )
    await checkThrows(pdp.searchActions({ token: '', resource: doc }), 'malformed-request')
    const asSubjects = { token: 'eyJ', subject: ann, action: { name: 'read' }, resource: doc }
    await checkThrows(pdp.searchSubjects(asSubjects), 'malformed-request')
    expect(sent).toHaveLength(1)
  })

  it('drops what it does not know of results', async () => {
    const { pdp } = clientOf([
      { results: [{ ...doc, extra: 1, context: { reason: 'x' } }], context: {}, more: 1 },
    ])
    expect(await pdp.searchResources(READABLE).all()).toEqual([doc])
  })
})

describe('what the allow of a result asks for', () => {
  const duty = (name: string) => ({ name, args: { level: 1 } })
  const found = (...obligations: unknown[]) => ({ ...doc, context: { obligations, advice: [duty('tell')] } })
  const searchWith = (result: unknown, options: SearchOptions = {}) =>
    clientOf([{ results: [result] }], { understoodObligations: ['watch', 'step-up'] })
      .pdp.searchResources(READABLE, options)
      .all()

  it('stands with it', async () => {
    const expected = { ...doc, obligations: [duty('watch')], advice: [duty('tell')] }
    expect(await searchWith(found(duty('watch')))).toEqual([expected])
    expect(await searchWith(found())).toEqual([{ ...doc, obligations: [], advice: [duty('tell')] }])
  })

  it('may be in the form of the obligations profile', async () => {
    const custom = { id: '1', type: 'custom', properties: duty('watch') }
    const stepUp = { id: '2', type: 'step-up', properties: { acr_value: 'mfa' } }
    expect(await searchWith(found(custom, stepUp))).toMatchObject([
      { obligations: [duty('watch'), { name: 'step-up', args: { acr_value: 'mfa' } }] },
    ])
  })

  it('leaves it out where it is not understood', async () => {
    expect(await searchWith(found(duty('watch'), duty('other')))).toEqual([])
    expect(await searchWith(found(duty('watch')), { understoodObligations: [] })).toEqual([])
    expect(await searchWith(found({ id: '1', type: 'custom', properties: duty('other') }))).toEqual([])
    expect(await searchWith(found({ id: '1', type: 'watch it', properties: {} }))).toEqual([])
  })

  it.each([
    ['a list of no objects', [1]],
    ['no list', {}],
    ['without a name', [{ args: {} }]],
    ['without arguments', [{ name: 'watch' }]],
    ['of a type without properties', [{ id: '1', type: 'custom' }]],
    ['of a type that is none', [{ id: '1', type: 7, properties: {} }]],
  ])('makes no answer where it is %s', async (_, obligations) => {
    const { pdp } = clientOf([{ results: [{ ...doc, context: { obligations } }] }])
    await checkThrows(pdp.searchResources(READABLE), 'bad-response')
  })
})

describe('a search that fails', () => {
  it.each<[string, unknown]>([
    ['no object', []],
    ['null', null],
    ['no list of results', {}],
    ['results in an object', { results: {} }],
    ['a result that is none', { results: ['d1'] }],
    ['a result without id', { results: [{ type: 'Document' }] }],
    ['a result of another type', { results: [{ type: 'User', id: 'd1' }] }],
    ['a result whose id is a number', { results: [{ type: 'Document', id: 1 }] }],
    ['a context that is none', { results: [{ ...doc, context: 'x' }] }],
    ['a page that is none', { page: 'x', results: [] }],
    ['a page of null', { page: null, results: [] }],
    ['a page without token', { page: {}, results: [] }],
    ['a token that is a number', { page: { next_token: 1 }, results: [] }],
    ['inherited results', '{"__proto__":{"results":[]}}'],
    ['results twice', '{"results":[],"results":[]}'],
    ['no JSON', '<html>'],
    ['a decision', { decision: true }],
  ])('says so for %s', async (_, answer) => {
    const { pdp } = clientOf([answer])
    await checkThrows(pdp.searchResources(READABLE), 'bad-response')
  })

  it('takes names alone for actions', async () => {
    const { pdp } = clientOf([{ results: [doc] }])
    await checkThrows(pdp.searchActions({ subject: ann, resource: doc }), 'bad-response', /name/)
  })

  it('gives nothing for all where a later page fails', async () => {
    const failing = [{ page: { next_token: 't' }, results: docs('a') }, { page: { next_token: 't' } }]
    const { pdp } = clientOf(failing)
    const seen: unknown[] = []
    const iterate = async () => {
      for await (const { results } of pdp.searchResources(READABLE)) seen.push(...results)
    }
    await expect(iterate()).rejects.toMatchObject({ code: 'bad-response' })
    expect(seen).toEqual(docs('a'))
    await expect(clientOf(failing).pdp.searchResources(READABLE).all()).rejects.toMatchObject({
      code: 'bad-response',
    })
  })

  it.each<[string, unknown, PdpClientErrorCode]>([
    ['the connection', new TypeError('refused'), 'network'],
    ['a status', new Response('', { status: 503 }), 'http-status'],
    ['a redirect', new Response('', { status: 302, headers: { location: '/' } }), 'http-status'],
  ])('names %s', async (_, answer, code) => {
    const { pdp } = clientOf([answer])
    await checkThrows(pdp.searchResources(READABLE), code)
  })

  it('says what the decision point says of a token', async () => {
    const problem = { status: 400, detail: 'malformed request: $.page.token has expired', errors: [] }
    const { pdp } = clientOf([new Response(JSON.stringify(problem), { status: 400 })])
    await expect(pdp.searchResources(READABLE, { pageToken: 'old' }).all()).rejects.toMatchObject({
      code: 'malformed-request',
      status: 400,
      message: expect.stringMatching(/has expired/),
    })
  })

  it.each<[string, unknown, SearchOptions]>([
    ['a limit of none', READABLE, { limit: 0 }],
    ['half a limit', READABLE, { limit: 1.5 }],
    ['no limit at all', READABLE, { limit: Number.NaN }],
    ['a time that is none', READABLE, { timeoutMs: -1 }],
    ['nothing to look for', { ...READABLE, resource: {} }, {}],
    ['a type that is none', { ...READABLE, resource: { type: 1 } }, {}],
    ['no request', null, {}],
    ['what JSON would lose', { ...READABLE, context: { at: Number.NaN } }, {}],
  ])('never sends %s', async (_, request, options) => {
    const { pdp, sent } = clientOf([{ results: [] }])
    await checkThrows(pdp.searchResources(request as ResourceSearch, options), 'malformed-request')
    expect(sent).toEqual([])
  })

  it('ends with its signal', async () => {
    const { pdp } = clientOf([{ page: { next_token: 't' }, results: [] }])
    const controller = new AbortController()
    const pages = pdp.searchResources(READABLE, { signal: controller.signal })[Symbol.asyncIterator]()
    await pages.next()
    controller.abort()
    await expect(pages.next()).rejects.toMatchObject({ code: 'aborted' })
  })
})
