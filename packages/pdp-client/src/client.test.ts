import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ClientAnswer, createPdpClient, type PdpClient, type PdpClientOptions } from './client.ts'
import { PdpClientError, type PdpClientErrorCode } from './errors.ts'
import type { Answer, DecisionRequest } from './types.ts'

const ALLOW: Answer = {
  decision: 'allow',
  reasons: [{ rule: 'ownersRead' }],
  obligations: [],
  advice: [],
  errors: [],
  errorCount: 0,
  policyVersion: 'v1',
  cacheable: { until: null },
}
const REQUEST: DecisionRequest = {
  subject: { type: 'User', id: 'ann' },
  action: { name: 'read' },
  resource: { type: 'Document', id: 'd1' },
}

type Reply = (request: IncomingMessage, response: ServerResponse, body: string) => void
let server: Server
let url: string
let reply: Reply
const seen: { path: string; headers: IncomingMessage['headers']; body: unknown }[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(body) })
      reply(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  seen.length = 0
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Status 200 with the request's id and, unless said otherwise, JSON as its type. */
function respond(text: string | Uint8Array, headers: Record<string, string> = {}, status = 200): Reply {
  return (request, response) => {
    const requestId = request.headers['x-request-id']
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(typeof requestId === 'string' ? { 'x-request-id': requestId } : {}),
      ...headers,
    })
    response.end(text)
  }
}
const answerWith = (value: unknown): Reply => respond(JSON.stringify(value))

function client(options: Partial<PdpClientOptions> = {}): PdpClient {
  return createPdpClient({ url, timeoutMs: 10_000, ...options })
}

/** Every way to ask must say no, with the same error. */
async function checkDenied(
  pdp: PdpClient,
  code: PdpClientErrorCode,
  message?: RegExp,
): Promise<ClientAnswer> {
  const answer = await pdp.decide(REQUEST)
  expect(answer.decision).toBe('deny')
  expect(answer.error).toBeInstanceOf(PdpClientError)
  expect(answer.error?.code).toBe(code)
  if (message !== undefined) expect(answer.error?.message).toMatch(message)
  expect(await pdp.can(REQUEST)).toBe(false)
  expect(await pdp.can(REQUEST.subject, 'read', REQUEST.resource)).toBe(false)
  for (const one of await pdp.decideMany([REQUEST, REQUEST])) expect(one.decision).toBe('deny')
  return answer
}

describe('decide', () => {
  it('gives the answer of the decision point', async () => {
    reply = answerWith({ ...ALLOW, later: 'unknown members are dropped' })
    expect(await client().decide(REQUEST)).toEqual(ALLOW)
  })

  it('gives a denial without an error', async () => {
    reply = answerWith({ ...ALLOW, decision: 'deny', reasons: [{ builtin: 'default' }] })
    const answer = await client().decide(REQUEST)
    expect(answer).toEqual({ ...ALLOW, decision: 'deny', reasons: [{ builtin: 'default' }] })
    expect(answer.error).toBeUndefined()
  })

  it('posts the request, and nothing that is not part of one', async () => {
    reply = answerWith(ALLOW)
    const stray = { ...REQUEST, context: { ip: '10.0.0.1' }, requests: [REQUEST] }
    await client({ url: `${url}/pdp/` }).decide(stray)
    expect(seen).toMatchObject([
      { path: '/pdp/decide', headers: { 'content-type': 'application/json', accept: 'application/json' } },
    ])
    expect(seen[0]?.body).toEqual({ ...REQUEST, context: { ip: '10.0.0.1' } })
  })

  it('sends its own X-Request-ID with each request', async () => {
    reply = answerWith(ALLOW)
    const pdp = client()
    await pdp.decide(REQUEST)
    await pdp.decide(REQUEST)
    const ids = seen.map((request) => request.headers['x-request-id'])
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(new Set(ids).size).toBe(2)
  })

  it('sends and checks no X-Request-ID when told so', async () => {
    reply = answerWith(ALLOW)
    expect((await client({ requestId: false }).decide(REQUEST)).decision).toBe('allow')
    expect(seen[0]?.headers['x-request-id']).toBeUndefined()
  })

  it.each([
    ['fixed', { authorization: 'Bearer t' }],
    ['made anew', () => ({ authorization: 'Bearer t' })],
    ['made anew, later', async () => ({ authorization: 'Bearer t' })],
  ])('sends headers: %s', async (_, headers) => {
    reply = answerWith(ALLOW)
    await client({ headers }).decide(REQUEST)
    expect(seen[0]?.headers.authorization).toBe('Bearer t')
  })

  it('does not let headers replace the content type or the request id', async () => {
    reply = answerWith(ALLOW)
    const headers = { 'Content-Type': 'text/plain', 'X-Request-ID': 'mine' }
    expect((await client({ headers }).decide(REQUEST)).decision).toBe('allow')
    expect(seen[0]?.headers['content-type']).toBe('application/json')
    expect(seen[0]?.headers['x-request-id']).not.toBe('mine')
  })

  it('accepts a charset beside the content type', async () => {
    reply = respond(JSON.stringify(ALLOW), { 'content-type': 'Application/JSON; charset=utf-8' })
    expect((await client().decide(REQUEST)).decision).toBe('allow')
  })
})

describe('a question with a token', () => {
  const { subject: _, ...rest } = REQUEST
  const token = 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln'

  it('brings it instead of a subject, whichever way it is asked', async () => {
    reply = answerWith(ALLOW)
    expect((await client().decide({ ...rest, token })).decision).toBe('allow')
    expect(await client().can({ ...rest, token })).toBe(true)
    expect(await client().can({ token }, 'read', REQUEST.resource)).toBe(true)
    expect(seen.map(({ body }) => body)).toEqual([
      { token, ...rest },
      { token, ...rest },
      { token, ...rest },
    ])
  })

  it('brings it once in a batch', async () => {
    reply = answerWith({ answers: [ALLOW, ALLOW] })
    const answers = await client().decideMany([
      { ...rest, token },
      { ...rest, token },
    ])
    expect(answers.map(({ decision }) => decision)).toEqual(['allow', 'allow'])
    expect(seen[0]?.body).toEqual({ token, requests: [rest, rest] })
  })

  it('is denied, and not sent, where it is not said who is meant', async () => {
    reply = answerWith({ ...ALLOW, answers: [ALLOW, ALLOW] })
    const pdp = client()
    const both = { ...REQUEST, token } as unknown as DecisionRequest
    const user = { ...REQUEST.subject, token } as unknown as DecisionRequest['subject']
    for (const wrong of [both, ...[null, '', 7, {}].map((one) => ({ ...rest, token: one }))]) {
      const answer = await pdp.decide(wrong as DecisionRequest)
      expect(answer).toMatchObject({ decision: 'deny', error: { code: 'malformed-request' } })
      expect(answer.error?.message).not.toContain('eyJ')
    }
    expect(await pdp.can(user, 'read', REQUEST.resource)).toBe(false)
    for (const second of [REQUEST, { ...rest, token: `${token}x` }]) {
      const answers = await pdp.decideMany([{ ...rest, token }, second])
      expect(answers.map(({ error }) => error?.code)).toEqual(['malformed-request', 'malformed-request'])
    }
    expect(seen).toEqual([])
  })
})

describe('decide fails closed', () => {
  it('when the connection is refused', async () => {
    const dead = createServer()
    await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve))
    const { port } = dead.address() as AddressInfo
    await new Promise((resolve) => dead.close(resolve))
    const answer = await checkDenied(client({ url: `http://127.0.0.1:${port}` }), 'network')
    expect(answer.error?.cause).toBeInstanceOf(Error)
    expect(answer).toMatchObject({
      reasons: [],
      obligations: [],
      advice: [],
      policyVersion: '',
      cacheable: false,
    })
  })

  it('when no answer comes in time', async () => {
    reply = () => undefined
    await checkDenied(client({ timeoutMs: 30 }), 'timeout')
  })

  it('when the body does not end in time', async () => {
    reply = (request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-request-id': request.headers['x-request-id'],
      })
      response.write(JSON.stringify(ALLOW))
    }
    await checkDenied(client({ timeoutMs: 50 }), 'timeout')
  })

  it('when a fetch of one’s own heeds no signal', async () => {
    await checkDenied(client({ timeoutMs: 20, fetch: () => new Promise(() => undefined) }), 'timeout')
  })

  it('when the connection breaks in the middle of the body', async () => {
    reply = (request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-request-id': request.headers['x-request-id'],
        'content-length': '1000',
      })
      response.write('{"decision":"allow"')
      setTimeout(() => response.destroy(), 5)
    }
    await checkDenied(client(), 'network')
  })

  it.each([201, 204, 304, 401, 403, 404, 429, 500, 503])('on status %i', async (status) => {
    reply = respond(status === 204 || status === 304 ? '' : JSON.stringify(ALLOW), {}, status)
    const answer = await checkDenied(client(), 'http-status')
    expect(answer.error?.status).toBe(status)
    expect(answer.error?.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([301, 302, 303, 307, 308])('on a redirect (%i), and does not follow it', async (status) => {
    reply = (request, response) =>
      request.url === '/elsewhere'
        ? answerWith(ALLOW)(request, response, '')
        : respond('', { location: '/elsewhere' }, status)(request, response, '')
    await checkDenied(client(), 'http-status')
    expect(seen.every((request) => request.path === '/decide')).toBe(true)
  })

  it('on status 400, and says what the decision point found', async () => {
    const errors = [{ path: '$.subject.id', detail: 'must be a string' }]
    const problem = { title: 'Bad Request', status: 400, detail: 'no request', errors }
    reply = respond(JSON.stringify(problem), { 'content-type': 'application/problem+json' }, 400)
    const answer = await checkDenied(
      client(),
      'malformed-request',
      /: no request: \$\.subject\.id must be a string$/,
    )
    expect(answer.error?.status).toBe(400)
  })

  it('on status 400 without problem details', async () => {
    reply = respond('<html>', { 'content-type': 'text/html' }, 400)
    await checkDenied(client(), 'malformed-request')
  })

  it.each(['text/html', 'text/plain; application/json', 'application/jsonp', 'application/problem+json'])(
    'on content type %s',
    async (type) => {
      reply = respond(JSON.stringify(ALLOW), { 'content-type': type })
      await checkDenied(client(), 'bad-response', /content type/)
    },
  )

  it('without a content type', async () => {
    reply = (request, response) => {
      response.writeHead(200, { 'x-request-id': request.headers['x-request-id'] })
      response.end(JSON.stringify(ALLOW))
    }
    await checkDenied(client(), 'bad-response', /content type missing/)
  })

  it.each([
    ['another', { 'x-request-id': 'another' }],
    ['an empty', { 'x-request-id': '' }],
  ])('on %s X-Request-ID', async (_, headers) => {
    reply = respond(JSON.stringify(ALLOW), headers)
    await checkDenied(client(), 'bad-response', /X-Request-ID/)
  })

  it('without an X-Request-ID', async () => {
    reply = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(ALLOW))
    }
    await checkDenied(client(), 'bad-response', /X-Request-ID/)
  })

  it.each([
    ['nothing', ''],
    ['truncated JSON', JSON.stringify(ALLOW).slice(0, -1)],
    ['two values', `${JSON.stringify(ALLOW)}{}`],
    ['a member twice', JSON.stringify(ALLOW).replace('{', '{"decision":"deny",')],
    ['a member twice in disguise', JSON.stringify(ALLOW).replace('{', '{"\\u0064ecision":"deny",')],
  ])('on %s', async (_, text) => {
    reply = respond(text)
    await checkDenied(client(), 'bad-response', /not JSON/)
  })

  it('on a body that is not UTF-8', async () => {
    reply = respond(Uint8Array.of(0x7b, 0xff, 0x7d))
    await checkDenied(client(), 'bad-response', /UTF-8/)
  })

  it('on a body above the cap', async () => {
    reply = answerWith({ ...ALLOW, padding: 'x'.repeat(5000) })
    await checkDenied(client({ maxResponseBytes: 4096 }), 'bad-response', /larger than 4096/)
  })

  const { decision: _decision, ...withoutDecision } = ALLOW
  const { obligations: _obligations, ...withoutObligations } = ALLOW
  it.each<[string, unknown]>([
    ['null', null],
    ['a string', 'allow'],
    ['true', true],
    ['a list', [ALLOW]],
    ['no decision', withoutDecision],
    ['no obligations: they may have been lost', withoutObligations],
    ['decision true', { ...ALLOW, decision: true }],
    ['decision "true"', { ...ALLOW, decision: 'true' }],
    ['decision "ALLOW"', { ...ALLOW, decision: 'ALLOW' }],
    ['decision "allow "', { ...ALLOW, decision: 'allow ' }],
    ['decision ["allow"]', { ...ALLOW, decision: ['allow'] }],
    ['obligations that are none', { ...ALLOW, obligations: ['audit'] }],
    ['an obligation without arguments', { ...ALLOW, obligations: [{ name: 'audit' }] }],
    ['a bad cacheable', { ...ALLOW, cacheable: true }],
    ['a bad policy version', { ...ALLOW, policyVersion: 1 }],
    ['bad reasons', { ...ALLOW, reasons: 'default' }],
    ['a batch', { answers: [ALLOW] }],
  ])('on a body with %s', async (_, value) => {
    reply = answerWith(value)
    await checkDenied(client(), 'bad-response')
  })

  it('when Object.prototype was polluted', async () => {
    reply = answerWith(withoutDecision)
    Object.defineProperty(Object.prototype, 'decision', { value: 'allow', configurable: true })
    try {
      expect((await client().decide(REQUEST)).error?.code).toBe('bad-response')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'decision')
    }
  })

  it.each<[string, PdpClientOptions['headers']]>([
    ['throws', () => Promise.reject(new Error('no token'))],
    ['gives a bad name', { 'no good': 'x' }],
    ['gives a line break', { authorization: 'Bearer x\nInjected: y' }],
  ])('when `headers` %s', async (_, headers) => {
    reply = answerWith(ALLOW)
    await checkDenied(client({ headers: headers ?? {} }), 'headers')
    expect(seen).toEqual([])
  })

  it('when the caller gives up before or during the request', async () => {
    reply = () => undefined
    const before = await client().decide(REQUEST, { signal: AbortSignal.abort('gone') })
    expect(before.error).toMatchObject({ code: 'aborted', cause: 'gone' })
    expect(seen).toEqual([])
    const abort = new AbortController()
    const during = client().decide(REQUEST, { signal: abort.signal })
    abort.abort()
    expect((await during).error?.code).toBe('aborted')
  })

  it.each<[string, unknown]>([
    ['NaN, which JSON would make null', { amount: Number.NaN }],
    ['a bigint', { amount: 1n }],
    ['a Map, which JSON would make empty', { labels: new Map([['a', 'b']]) }],
    ['a Set, which JSON would make empty', { labels: new Set(['a']) }],
    ['a function', { amount: () => 1 }],
  ])('when the request holds %s', async (_, context) => {
    reply = answerWith(ALLOW)
    const answer = await client().decide({ ...REQUEST, context } as DecisionRequest)
    expect(answer).toMatchObject({ decision: 'deny', error: { code: 'malformed-request' } })
    expect(seen).toEqual([])
  })

  it.each([undefined, null, 7, 'ann'])('when the request is %s', async (request) => {
    reply = answerWith({ decision: 'deny' })
    const answer = await client().decide(request as unknown as DecisionRequest)
    expect(answer.decision).toBe('deny')
    expect(answer.error).toBeInstanceOf(PdpClientError)
    expect(await client().can(request as unknown as DecisionRequest)).toBe(false)
  })

  it.each([0, -1, Number.NaN, Infinity])('when the time for one question is %d ms', async (timeoutMs) => {
    reply = answerWith(ALLOW)
    expect(await client().decide(REQUEST, { timeoutMs })).toMatchObject({
      decision: 'deny',
      error: { code: 'malformed-request' },
    })
  })
})

describe('obligations', () => {
  const watermarked = { ...ALLOW, obligations: [{ name: 'watermark', args: { text: 'ann' } }] }

  it('turn an allow into a deny when they are not understood, and stay in the answer', async () => {
    reply = answerWith(watermarked)
    const answer = await client().decide(REQUEST)
    expect(answer).toMatchObject({ ...watermarked, decision: 'deny' })
    expect(answer.error?.code).toBe('obligation-not-understood')
    expect(answer.error?.message).toContain('`watermark`')
    expect(await client().can(REQUEST)).toBe(false)
  })

  it('leave an allow alone when all are understood', async () => {
    reply = answerWith(watermarked)
    const pdp = client({ understoodObligations: ['watermark', 'audit'] })
    expect(await pdp.decide(REQUEST)).toEqual(watermarked)
    expect(await pdp.can(REQUEST)).toBe(true)
  })

  it('are understood for one question where that question says so', async () => {
    reply = answerWith(watermarked)
    expect(await client().can(REQUEST, { understoodObligations: ['watermark'] })).toBe(true)
    const pdp = client({ understoodObligations: ['watermark'] })
    expect(await pdp.can(REQUEST, { understoodObligations: [] })).toBe(false)
  })

  it('of a denial change nothing', async () => {
    reply = answerWith({ ...watermarked, decision: 'deny' })
    expect(await client().decide(REQUEST)).toEqual({ ...watermarked, decision: 'deny' })
  })

  it('are known by their whole name, not through prototypes', async () => {
    reply = answerWith({ ...ALLOW, obligations: [{ name: 'constructor', args: {} }] })
    expect(await client({ understoodObligations: ['watermark'] }).can(REQUEST)).toBe(false)
  })
})

describe('can', () => {
  it('takes parts or one request', async () => {
    reply = answerWith(ALLOW)
    const { can } = client()
    const { subject, action, resource } = REQUEST
    expect(await can(REQUEST)).toBe(true)
    expect(await can(subject, 'read', resource)).toBe(true)
    expect(await can(subject, action, resource, { ip: '10.0.0.1' })).toBe(true)
    expect(
      await can(subject, { name: 'read', properties: { page: 1 } }, resource, undefined, { timeoutMs: 900 }),
    ).toBe(true)
    expect(seen.map((request) => request.body)).toEqual([
      REQUEST,
      REQUEST,
      { ...REQUEST, context: { ip: '10.0.0.1' } },
      { ...REQUEST, action: { name: 'read', properties: { page: 1 } } },
    ])
  })

  it('is false for a denial', async () => {
    reply = answerWith({ ...ALLOW, decision: 'deny' })
    expect(await client().can(REQUEST)).toBe(false)
  })
})

describe('decideMany', () => {
  it.each([[null], [undefined], [7], ['ab'], [{}], [{ length: 2 }], [new Set([REQUEST])]])(
    'gives one deny for %j, which is no array',
    async (requests) => {
      const answers = await client().decideMany(requests as never)
      expect(answers).toMatchObject([{ decision: 'deny', error: { code: 'malformed-request' } }])
      expect(answers.every(({ decision }) => decision === 'allow')).toBe(false)
    },
  )

  it('gives a deny for each question where one is none, also for holes', async () => {
    const holes: (typeof REQUEST)[] = []
    holes.length = 2
    for (const requests of [holes, [REQUEST, null], [REQUEST, undefined]]) {
      const answers = await client().decideMany(requests as never)
      expect(Object.keys(answers)).toEqual(['0', '1'])
      for (const { decision } of answers) expect(decision).toBe('deny')
    }
    expect(await client().decideMany([REQUEST], null as never)).toMatchObject([{ decision: 'deny' }])
  })

  const DENY: Answer = { ...ALLOW, decision: 'deny', reasons: [{ builtin: 'default' }] }

  it('asks once and keeps the order', async () => {
    reply = answerWith({ answers: [ALLOW, DENY, ALLOW] })
    expect(await client().decideMany([REQUEST, REQUEST, REQUEST])).toEqual([ALLOW, DENY, ALLOW])
    expect(seen.map((request) => request.body)).toEqual([{ requests: [REQUEST, REQUEST, REQUEST] }])
  })

  it('asks nothing for an empty list', async () => {
    expect(await client().decideMany([])).toEqual([])
    expect(seen).toEqual([])
  })

  it.each<[string, unknown]>([
    ['fewer answers', { answers: [ALLOW] }],
    ['more answers', { answers: [ALLOW, ALLOW, ALLOW] }],
    ['no list', { answers: ALLOW }],
    ['no answers', {}],
    ['a single answer', ALLOW],
  ])('denies all on %s', async (_, body) => {
    reply = answerWith(body)
    const answers = await client().decideMany([REQUEST, REQUEST])
    expect(answers.map((answer) => [answer.decision, answer.error?.code])).toEqual([
      ['deny', 'bad-response'],
      ['deny', 'bad-response'],
    ])
  })

  it('denies all when the list of answers stands twice', async () => {
    reply = respond(`{"answers":[${JSON.stringify(DENY)}],"answers":[${JSON.stringify(ALLOW)}]}`)
    expect(await client().decideMany([REQUEST])).toMatchObject([
      { decision: 'deny', error: { code: 'bad-response' } },
    ])
  })

  it('denies the one item that has no answer', async () => {
    const { decision: _, ...withoutDecision } = ALLOW
    const problem = { title: 'Bad Request', status: 400, detail: '$.action is missing' }
    const fault = { title: 'Internal Server Error', status: 500, detail: 'the request could not be answered' }
    reply = answerWith({ answers: [ALLOW, withoutDecision, problem, null, fault, ALLOW] })
    const answers = await client().decideMany(Array.from({ length: 6 }, () => REQUEST))
    expect(answers.map((answer) => [answer.decision, answer.error?.code])).toEqual([
      ['allow', undefined],
      ['deny', 'bad-response'],
      ['deny', 'malformed-request'],
      ['deny', 'bad-response'],
      ['deny', 'http-status'],
      ['allow', undefined],
    ])
    expect(answers[2]?.error?.message).toContain('$.action is missing')
  })

  it('denies an item whose obligation is not understood', async () => {
    reply = answerWith({ answers: [{ ...ALLOW, obligations: [{ name: 'audit', args: {} }] }, ALLOW] })
    const answers = await client().decideMany([REQUEST, REQUEST])
    expect(answers.map((answer) => answer.decision)).toEqual(['deny', 'allow'])
  })
})

describe('createPdpClient', () => {
  it.each<[string, PdpClientOptions]>([
    ['no URL', { url: 'localhost' }],
    ['another protocol', { url: 'file:///etc/passwd' }],
    ['credentials in the URL', { url: 'http://user:secret@127.0.0.1' }],
    ['a query', { url: 'http://127.0.0.1/?a=b' }],
    ['a timeout of 0', { url: 'http://127.0.0.1', timeoutMs: 0 }],
    ['a timeout that setTimeout cannot hold', { url: 'http://127.0.0.1', timeoutMs: 2 ** 31 }],
    ['a cap of 0', { url: 'http://127.0.0.1', maxResponseBytes: 0 }],
  ])('refuses %s', (_, options) => {
    expect(() => createPdpClient(options)).toThrow(
      expect.objectContaining({ name: 'PdpClientError', code: 'bad-configuration' }),
    )
  })
})
