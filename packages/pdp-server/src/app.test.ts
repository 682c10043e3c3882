import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createPdp } from './decide/pdp.ts'
import { createErrorHandler } from './middleware/errors.ts'
import { NO_LOG } from './telemetry/log.ts'
import { createAsk, createTestPdp, loadPolicy, readOpen } from './test-support/service.ts'

const ask = createAsk()
const DECISION_PATHS = ['/decide', '/access/v1/evaluation', '/access/v1/evaluations']

describe.each(DECISION_PATHS)('the body of POST %s', (path) => {
  const text = JSON.stringify(readOpen)
  const bytes = (...values: number[]) => Uint8Array.from(values)

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'APPLICATION/JSON ; Charset = UTF-8',
  ])('may be %s', async (type) => {
    expect((await ask(path, { body: text, headers: { 'content-type': type } })).status).toBe(200)
  })

  it.each([
    'text/plain',
    'application/xml',
    'application/jsonp',
    'application/json, text/plain',
    'application/json; charset=latin1',
    'application/problem+json',
    'application/x-www-form-urlencoded',
    '',
  ])('must be JSON, not `%s`', async (type) => {
    const { status, json } = await ask(path, { body: text, headers: { 'content-type': type } })
    expect(status).toBe(path === '/decide' ? 415 : 400)
    expect(json).toMatchObject({ detail: expect.stringContaining('application/json') })
  })

  it('must not be encoded', async () => {
    const { status } = await ask(path, { body: text, headers: { 'content-encoding': 'gzip' } })
    expect(status).toBe(path === '/decide' ? 415 : 400)
  })

  it.each<[string, string | Uint8Array, string]>([
    ['empty', '', '$'],
    ['cut off', '{"subject": {"type": "user",', '$'],
    ['an array', '[]', '$'],
    ['a string', '"x"', '$'],
    ['null', 'null', '$'],
    ['no UTF-8', bytes(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), '$'],
    ['UTF-16', bytes(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00), '$'],
    ['with a byte order mark', `\ufeff${text}`, '$'],
    ['too deep', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, '$'],
    ['with a member twice', '{"subject":{"type":"User","id":"a","\\u0069d":"b"}}', '$.subject.id'],
    ['with a lone surrogate', '{"subject":{"type":"User","id":"\\ud800"}}', '$.subject.id'],
  ])('is refused where it is %s', async (_, body, where) => {
    const { status, json, headers, text } = await ask(path, { body })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect([status, json]).toMatchObject([400, { status: 400, errors: [{ path: where }] }])
    expect(text).not.toMatch(/\bat .*:\d+:\d+/)
  })

  it('is refused at once for a type of many blanks', async () => {
    const type = `application/json${' '.repeat(500_000)}x`
    expect((await ask(path, { body: text, headers: { 'content-type': type } })).status).toBeGreaterThan(399)
  })

  it('may nest as deep as the limit', async () => {
    const body = { ...readOpen, deep: JSON.parse(`${'['.repeat(63)}${']'.repeat(63)}`) }
    expect((await ask(path, { body })).status).toBe(200)
  })

  it('is refused where it is too large, with and without Content-Length', async () => {
    const small = createAsk({ limits: { maxBodyBytes: 300 } })
    expect((await small(path, { body: text })).status).toBe(200)
    const large = JSON.stringify({ ...readOpen, pad: 'x'.repeat(300) })
    expect(await small(path, { body: large })).toMatchObject({
      status: 413,
      json: { title: 'Payload Too Large', detail: 'the body is larger than 300 bytes' },
    })
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(100))),
    })
    expect((await small(path, { body: stream })).status).toBe(413)
    const lying = await small(path, { body: large, headers: { 'content-length': '10' } })
    expect(lying.status).toBe(413)
  })

  it('is refused where it breaks off', async () => {
    const stream = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
    expect(await ask(path, { body: stream })).toMatchObject({ status: 400 })
  })
})

describe.each(DECISION_PATHS)('X-Request-ID at POST %s', (path) => {
  const send = (id: string, body: unknown = readOpen) => ask(path, { body, headers: { 'x-request-id': id } })

  it.each(['bfe9eb29-ab87-4ca3-be83-a1d5d8305716', 'a b', '<script>', 'x'.repeat(256)])(
    'is echoed: %s',
    async (id) => {
      expect((await send(id)).headers.get('x-request-id')).toBe(id)
    },
  )

  it('is echoed on errors', async () => {
    for (const body of [{}, '{', '[]']) {
      const { status, headers } = await send('id-1', body)
      expect([status, headers.get('x-request-id')]).toEqual([400, 'id-1'])
    }
  })

  it('is not made up', async () => {
    expect((await ask(path, { body: readOpen })).headers.has('x-request-id')).toBe(false)
  })

  it.each(['x'.repeat(257), 'a\tb', 'a\u007fb', 'a\u0085b', 'é'])(
    'is refused where it is odd: %j',
    async (id) => {
      const { status, headers } = await send(id)
      expect([status, headers.has('x-request-id')]).toEqual([400, false])
    },
  )
})

describe('methods and paths', () => {
  it.each([
    ['GET', '/decide', 'POST'],
    ['PUT', '/decide', 'POST'],
    ['GET', '/access/v1/evaluation', 'POST'],
    ['DELETE', '/access/v1/evaluation', 'POST'],
    ['PATCH', '/access/v1/evaluations', 'POST'],
    ['OPTIONS', '/access/v1/evaluations', 'POST'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['DELETE', '/readyz', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['PUT', '/', 'GET, HEAD'],
  ])('answer %s %s with 405', async (method, path, allow) => {
    const { status, headers, json } = await ask(path, { method })
    expect([status, headers.get('allow')]).toEqual([405, allow])
    expect(json).toMatchObject({ title: 'Method Not Allowed', status: 405 })
  })

  it.each([
    '/nothing',
    '/decide/',
    '/DECIDE',
    '/access/v1/search/subjects',
    '/__proto__',
    '/%00',
    '/.well-known/authzen-configuration',
  ])('answer %s with 404', async (path) => {
    for (const method of ['GET', 'POST']) {
      const { status, headers, json } = await ask(path, { method })
      expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json'])
      expect(json).toMatchObject({ title: 'Not Found', status: 404 })
    }
  })

  it('answer HEAD where they answer GET', async () => {
    const { status, text } = await ask('/healthz', { method: 'HEAD' })
    expect([status, text]).toEqual([200, ''])
  })
})

describe('every answer', () => {
  it.each([
    ['/decide', readOpen],
    ['/access/v1/evaluation', readOpen],
    ['/access/v1/evaluations', { evaluations: [readOpen] }],
    ['/decide', '{'],
    ['/nothing', undefined],
    ['/healthz', undefined],
    ['/openapi.json', undefined],
  ])('has headers for safety: %s', async (path, body) => {
    const { headers } = await ask(path, { body })
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
  })

  it('is problem details where anything at all is thrown', async () => {
    for (const thrown of [
      new TypeError('x is not a function'),
      new RangeError('Maximum call stack size exceeded'),
    ]) {
      const app = new Hono()
      app.onError(createErrorHandler(NO_LOG))
      app.get('/', () => {
        throw thrown
      })
      const response = await app.request('/')
      expect(response.status).toBe(500)
      expect(await response.json()).toEqual({
        title: 'Internal Server Error',
        status: 500,
        detail: 'the request could not be answered',
      })
    }
  })
})

describe('GET /healthz and /readyz', () => {
  it('tell the process from its policies', async () => {
    const pdp = createPdp()
    const askEmpty = createAsk({ pdp })
    expect(await askEmpty('/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } })
    expect(await askEmpty('/readyz')).toMatchObject({ status: 503, json: { status: 'not-ready' } })
    pdp.swap({ policySet: loadPolicy(), counts: { rules: 5 } })
    expect(await askEmpty('/readyz')).toMatchObject({
      status: 200,
      json: { status: 'ready', policyVersion: loadPolicy().version, counts: { rules: 5 } },
    })
  })
})

describe('GET /', () => {
  it('names the endpoints that there are', async () => {
    const { json } = await ask('/')
    const { endpoints } = json as { endpoints: Record<string, string> }
    for (const endpoint of Object.keys(endpoints)) {
      const [method = '', path = ''] = endpoint.split(' ')
      const { status } = await ask(path, { method })
      expect([endpoint, [404, 405].includes(status)]).toEqual([endpoint, false])
    }
  })
})

describe('GET /.well-known/authzen-configuration', () => {
  it('is there once the public address is known', async () => {
    const { status, json, headers } = await createAsk({ publicUrl: 'https://pdp.example.com' })(
      '/.well-known/authzen-configuration',
    )
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(json).toEqual({
      policy_decision_point: 'https://pdp.example.com',
      access_evaluation_endpoint: 'https://pdp.example.com/access/v1/evaluation',
      access_evaluations_endpoint: 'https://pdp.example.com/access/v1/evaluations',
      search_subject_endpoint: 'https://pdp.example.com/access/v1/search/subject',
      search_resource_endpoint: 'https://pdp.example.com/access/v1/search/resource',
      search_action_endpoint: 'https://pdp.example.com/access/v1/search/action',
    })
  })

  it('stands between host and path', async () => {
    const askTenant = createAsk({ publicUrl: 'https://pdp.example.com/tenant1' })
    expect((await askTenant('/.well-known/authzen-configuration')).status).toBe(404)
    expect((await askTenant('/.well-known/authzen-configuration/tenant1')).json).toMatchObject({
      policy_decision_point: 'https://pdp.example.com/tenant1',
      access_evaluation_endpoint: 'https://pdp.example.com/tenant1/access/v1/evaluation',
    })
  })

  it('keeps the identifier as configured', async () => {
    const { json } = await createAsk({ publicUrl: 'https://pdp.example.com/' })(
      '/.well-known/authzen-configuration',
    )
    expect(json).toMatchObject({
      policy_decision_point: 'https://pdp.example.com/',
      access_evaluation_endpoint: 'https://pdp.example.com/access/v1/evaluation',
    })
  })

  it('says nothing that a Host header says', async () => {
    const askOwn = createAsk({ publicUrl: 'https://pdp.example.com' })
    const { text } = await askOwn('/.well-known/authzen-configuration', {
      headers: { host: 'evil.test', 'x-forwarded-host': 'evil.test' },
    })
    expect(text).not.toContain('evil')
  })
})

describe('the access log', () => {
  it('names each request, and nothing that it held', async () => {
    const lines: { fields: object; message: string }[] = []
    const log = { ...NO_LOG, info: (fields: object, message: string) => lines.push({ fields, message }) }
    const askLogged = createAsk({ pdp: createTestPdp(), log, accessLog: true })
    await askLogged('/decide?token=secret-1', {
      body: { ...readOpen, context: { token: 'secret-2' } },
      headers: { authorization: 'Bearer secret-3', 'x-request-id': 'id-1' },
    })
    expect(lines).toMatchObject([
      { message: 'request', fields: { method: 'POST', path: '/decide', status: 200, requestId: 'id-1' } },
    ])
    expect(JSON.stringify(lines)).not.toContain('secret')
  })
})

describe('a swap of policies', () => {
  it('changes the answers that begin after it', async () => {
    const pdp = createTestPdp()
    const askSwapped = createAsk({ pdp })
    expect((await askSwapped('/decide', { body: readOpen })).json).toMatchObject({ decision: 'allow' })
    const under = pdp.begin()
    pdp.swap({
      policySet: loadPolicy('subject User  resource Doc { actions read }  rule none: deny read on Doc'),
    })
    expect((await askSwapped('/decide', { body: readOpen })).json).toMatchObject({
      reasons: [{ rule: 'none' }],
    })
    expect(under.decide(readOpen).decision).toBe('allow')
  })
})
