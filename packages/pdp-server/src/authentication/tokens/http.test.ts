// Tokens over real HTTP: of callers in the header, of end users in the body.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { type RunningServer, startServer } from '../../server.ts'
import type { Log } from '../../telemetry/log.ts'
import { AUDIENCE, startIssuer, type TestIssuer } from '../../test-support/issuer.ts'
import { createTestPdp, open, readOpen } from '../../test-support/service.ts'
import { createAuthentication } from '../authentication.ts'
import { addKey, changeKeyFile } from '../issue-keys.ts'
import { callerIssuerSchema } from './callers.ts'
import { createTokenVerifier } from './token-verifier.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-tokens-'))
let issuer: TestIssuer
beforeAll(() => writeFileSync(join(folder, 'secret'), 'hush!\n'))
beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await issuer.stop()
})
afterAll(() => rmSync(folder, { recursive: true }))

const stops: (() => Promise<void>)[] = []
const logged: string[] = []
const keep = (fields: object, message: string) => void logged.push(JSON.stringify([fields, message]))
const LOG: Log = { error: keep, warn: keep, info: keep }

const POLICY = `
subject User
subject Robot
resource Doc { actions read, write }
context { token?: { scopes: Set<String>, acr?: String, amr?: Set<String>, authTime?: Datetime, clientId?: String } }
rule scoped: allow read on Doc if context.token?.scopes.contains("read") ?? false
rule own: allow write on Doc if subject.id == "sso:eve" && (context.token?.acr ?? "") == "mfa"
rule weak: deny write on Doc if (context.token?.amr ?? ["pwd"]).contains("pwd")
`

async function start(flags: Readonly<Record<string, unknown>>, policy?: string): Promise<RunningServer> {
  const texts = Object.entries(flags).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const config = loadConfig({ flags: Object.fromEntries(texts), env: {}, cwd: folder })
  const { gates, bodyGates, revocations, callers, stop } = createAuthentication(config, LOG)
  const pdp = policy === undefined ? createTestPdp() : createTestPdp(policy, {})
  const app = createApp({ pdp, gates, bodyGates, revocations, log: LOG, accessLog: true })
  const server = await startServer({ app, port: 0, authenticatesCallers: callers !== undefined })
  stops.push(async () => {
    await server.stop()
    stop()
  })
  return server
}

async function post({ url }: RunningServer, path: string, body: unknown, credential?: string) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    },
  })
  const text = await response.text()
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
    text,
    json: JSON.parse(text),
  }
}

describe('a token of a caller', () => {
  const startForCallers = (more: object = {}) =>
    start({
      callerIssuers: [{ issuer: issuer.url, audience: AUDIENCE, jwksUri: issuer.jwksUri, ...more }],
    })

  it('lets its holder do what its scopes say', async () => {
    const server = await startForCallers()
    const token = await issuer.sign({ scope: 'openid edict:decide explain' })
    expect(await post(server, '/decide', readOpen, token)).toMatchObject({ status: 200 })
    const explained = await post(server, '/decide', { ...readOpen, explain: true }, token)
    expect([explained.status, explained.challenge]).toEqual([403, expect.stringContaining('explain')])
    const none = await issuer.sign({ scope: 'decide admin' })
    expect((await post(server, '/decide', readOpen, none)).status).toBe(403)
  })

  it('may list scopes in another claim, with another prefix', async () => {
    const server = await startForCallers({ scopeClaim: 'roles', scopePrefix: '' })
    expect((await post(server, '/decide', readOpen, await issuer.sign({ roles: ['decide'] }))).status).toBe(
      200,
    )
  })

  const scope = 'edict:decide'
  const now = () => Math.floor(Date.now() / 1000)
  it.each<[string, () => Promise<string> | string, string]>([
    ['another issuer', () => issuer.sign({ iss: 'https://evil.example' }), 'not known here'],
    ['another audience', () => issuer.sign({ aud: 'https://other.example' }), 'another audience'],
    ['no audience', () => issuer.sign({ aud: undefined }), 'another audience'],
    ['an audience that is an object', () => issuer.sign({ aud: { [AUDIENCE]: 1 } }), 'another audience'],
    ['a time that is over', () => issuer.sign({ exp: now() - 11 }), 'has expired'],
    ['no expiry', () => issuer.sign({ exp: undefined }), 'never expires'],
    ['an expiry that is a text', () => issuer.sign({ exp: '9999999999' }), 'never expires'],
    ['a time that is not yet', () => issuer.sign({ nbf: now() + 20 }), 'does not count yet'],
    ['an issue in the future', () => issuer.sign({ iat: now() + 20 }), 'of the future'],
    ['no subject', () => issuer.sign({ sub: undefined }), 'names no subject'],
    ['a key that its holder must prove', () => issuer.sign({ cnf: { jkt: 'x' } }), 'bound to a key'],
    ['another type', () => issuer.sign({}, { header: { typ: 'JWT' } }), "no 'at+jwt'"],
    ['no type', () => issuer.sign({}, { header: { typ: undefined } }), "no 'at+jwt'"],
    ['an unknown kid', () => issuer.sign({}, { header: { kid: 'key-9' } }), 'a key that is not known'],
    ['an extension', () => forge('ES256', { crit: ['x'], x: 1 }), 'extensions'],
    ['no signature', () => new UnsecuredJWT({ iss: issuer.url }).encode(), 'no JWT in compact form'],
    ['a signature of nobody', () => forge('none'), 'algorithm that is not accepted'],
    ['a public key for a secret', () => forge('HS256'), 'algorithm that is not accepted'],
    ['a key of its own', forgeEmbedded, 'signature of the token is wrong'],
    ['padding', async () => `${await issuer.sign()}=`, 'no JWT in compact form'],
    ['spare bits', async () => withSpareBits(await issuer.sign()), 'not base64url throughout'],
    ['too much in it', async () => issuer.sign({ x: 'x'.repeat(9000) }), 'too long'],
    ['a member twice', forgeTwice, 'no JSON object'],
  ])('is refused with %s', async (_, make, detail) => {
    const server = await startForCallers()
    const answer = await post(server, '/decide', readOpen, await make())
    expect(answer.status).toBe(401)
    expect(answer.challenge).toContain('error="invalid_token"')
    expect(answer.challenge).toContain(detail)
    // What is right is let in by the same service.
    expect((await post(server, '/decide', readOpen, await issuer.sign({ scope }))).status).toBe(200)
  })

  async function forge(alg: string, more: object = {}): Promise<string> {
    const good = await issuer.sign()
    const [header = '', payload = ''] = good.split('.')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const head = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid, ...more })).toString('base64url')
    return `${head}.${payload}.AAAA`
  }

  async function forgeEmbedded(): Promise<string> {
    const { privateKey } = await generateKeyPair('ES256')
    return new SignJWT({ iss: issuer.url, aud: AUDIENCE, sub: 'eve', exp: now() + 60 })
      .setProtectedHeader({
        alg: 'ES256',
        typ: 'at+jwt',
        kid: 'key-0',
        jku: `${issuer.url}/keys`,
        x5u: `${issuer.url}/keys`,
        jwk: { kty: 'EC' },
      })
      .sign(privateKey)
  }

  async function forgeTwice(): Promise<string> {
    const { privateKey } = await generateKeyPair('ES256')
    const payload = new TextEncoder().encode(`{"iss":"${issuer.url}","iss":"${issuer.url}"}`)
    const { CompactSign } = await import('jose')
    return new CompactSign(payload).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' }).sign(privateKey)
  }

  function withSpareBits(token: string): string {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // A signature of 64 bytes leaves four bits of its last digit unused.
    return token.slice(0, -1) + digits.charAt(digits.indexOf(token.slice(-1)) + 1)
  }

  it('is checked after too many bad ones so many times a second, and always where it is known', async () => {
    const server = await start({
      callerIssuers: [{ issuer: issuer.url, audience: AUDIENCE, jwksUri: issuer.jwksUri }],
      authFailuresPerMinute: '1',
    })
    const known = await issuer.sign({ scope })
    expect((await post(server, '/decide', readOpen, known)).status).toBe(200)
    for (const status of [401, 429])
      expect((await post(server, '/decide', readOpen, 'a.b.c')).status).toBe(status)
    expect((await post(server, '/decide', readOpen, await issuer.sign({ scope }))).status).toBe(200)
    expect((await post(server, '/decide', readOpen, known)).status).toBe(200)
  })

  it('is refused unread where no more may be checked, and only there', async () => {
    const clock = { now: Date.now() }
    const config = { issuer: issuer.url, audience: AUDIENCE, jwksUri: issuer.jwksUri }
    const verify = createTokenVerifier({
      issuers: [callerIssuerSchema.parse(config)],
      maxBytes: 8192,
      isRevoked: () => false,
      createIntrospect: () => undefined,
      now: () => clock.now,
    })
    const never = () => false
    const token = await issuer.sign({ scope })
    expect(await verify(token, never)).toHaveProperty('isUnread', true)
    // What is wrong at first sight takes nothing to find out.
    expect(await verify('a.b.c', never)).not.toHaveProperty('isUnread')
    expect(await verify(token)).toHaveProperty('claims')
    // Known no longer, but right before: its signature is checked again.
    clock.now += 61_000
    expect(await verify(token, never)).toHaveProperty('claims')
    await issuer.rotate()
    clock.now += 7_200_000
    expect(await verify(token, never)).toHaveProperty('fault', 'the token has expired')
    expect(await verify(token, never)).toHaveProperty('isUnread', true)
  })

  it('is verified once, and its keys are asked for when they are new', async () => {
    const server = await startForCallers()
    const token = await issuer.sign({ scope })
    for (let count = 0; count < 5; count++) await post(server, '/decide', readOpen, token)
    expect(issuer.asked.keys).toBe(1)
    // Unknown keys make it ask no more than once within the cooldown.
    for (let count = 0; count < 5; count++) {
      await post(server, '/decide', readOpen, await issuer.sign({}, { header: { kid: `key-${count + 5}` } }))
    }
    expect(issuer.asked.keys).toBe(1)
  })

  it.each(['error', 'garbage', 'redirect', 'huge'] as const)(
    'cannot be judged while its issuer answers with %s, and nobody is let in',
    async (fault) => {
      const server = await startForCallers()
      issuer.fault.current = fault
      const answer = await post(server, '/decide', readOpen, await issuer.sign({ scope }))
      expect([answer.status, answer.json.detail]).toEqual([503, 'the keys of the issuer cannot be had now'])
      // And the issuer is not asked again at once.
      await post(server, '/decide', readOpen, await issuer.sign({ scope }))
      expect(issuer.asked.keys).toBe(1)
    },
  )

  it('is checked by keys of a file, too, which holds no secret ones', async () => {
    const keys = await (await fetch(issuer.jwksUri)).text()
    writeFileSync(join(folder, 'jwks.json'), keys)
    const server = await startForCallers({ jwksUri: undefined, jwksFile: 'jwks.json' })
    expect((await post(server, '/decide', readOpen, await issuer.sign({ scope }))).status).toBe(200)
    writeFileSync(join(folder, 'secret-jwks.json'), keys.replace('"kty"', '"d":"AA","kty"'))
    await expect(startForCallers({ jwksUri: undefined, jwksFile: 'secret-jwks.json' })).rejects.toThrow(
      /secret key: only public keys/,
    )
  })
})

describe('a token of an end user', () => {
  const question = { action: { name: 'read' }, resource: open }
  const scope = 'read write'
  const startForSubjects = (more: object = {}, flags: object = {}) =>
    start(
      {
        subjectIssuers: [
          {
            issuer: issuer.url,
            audience: AUDIENCE,
            jwksUri: issuer.jwksUri,
            subjectIdPrefix: 'sso:',
            ...more,
          },
        ],
        ...flags,
      },
      POLICY,
    )

  it('says who the subject is and how it signed in', async () => {
    const server = await startForSubjects()
    const token = await issuer.sign({
      scope,
      acr: 'mfa',
      amr: ['otp'],
      auth_time: 1_700_000_000,
      client_id: 'app',
    })
    expect((await post(server, '/decide', { ...question, token })).json.decision).toBe('allow')
    const write = { ...question, action: { name: 'write' }, token }
    expect((await post(server, '/decide', write)).json.decision).toBe('allow')
    const weak = { ...write, token: await issuer.sign({ scope, acr: 'mfa', amr: ['pwd'] }) }
    expect((await post(server, '/decide', weak)).json.decision).toBe('deny')
    const other = { ...write, token: await issuer.sign({ sub: 'ann', acr: 'mfa', amr: ['otp'] }) }
    expect((await post(server, '/decide', other)).json.decision).toBe('deny')
  })

  it('bounds how long its answers may be kept', async () => {
    const server = await startForSubjects()
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = await issuer.sign({ scope, exp })
    const until = new Date(exp * 1000).toISOString()
    const one = await post(server, '/decide', { ...question, token })
    const many = await post(server, '/decide', { requests: [question], token })
    expect([one.json.cacheable, many.json.answers[0].cacheable]).toEqual([{ until }, { until }])
  })

  it('holds for all questions of a batch', async () => {
    const server = await startForSubjects()
    const token = await issuer.sign({ scope, acr: 'mfa', amr: ['otp'] })
    const write = { action: { name: 'write' }, resource: open }
    const { json } = await post(server, '/decide', { token, requests: [question, write, 7] })
    expect(json.answers).toMatchObject([{ decision: 'allow' }, { decision: 'allow' }, { status: 400 }])
    const evaluations = [{ action: { name: 'write' } }, { ...write, context: {} }, { context: null }]
    const batch = await post(server, '/access/v1/evaluations', { ...question, token, evaluations })
    expect(batch.json.evaluations.map(({ decision }: { decision: boolean }) => decision)).toEqual([
      true,
      true,
      true,
    ])
    const one = await post(server, '/access/v1/evaluation', { ...question, token, context: { x: 1 } })
    expect(one.json).toEqual({ decision: true })
  })

  const eve = { type: 'User', id: 'sso:eve' }
  const claims = { scopes: ['read'] }
  it.each<[string, string, object, string]>([
    ['no token', '/decide', question, '$.token'],
    ['a subject instead', '/decide', { ...question, subject: eve }, '$.subject'],
    ['a subject beside it', '/decide', { ...question, subject: eve, token: 'T' }, '$.subject'],
    ['claims instead', '/decide', { ...question, context: { token: claims } }, '$.context.token'],
    [
      'claims beside it',
      '/access/v1/evaluation',
      { ...question, context: { token: claims }, token: 'T' },
      '$.context.token',
    ],
    [
      'a subject in a batch',
      '/decide',
      { token: 'T', requests: [question, { ...question, subject: eve }] },
      '$.requests[1].subject',
    ],
    [
      'claims in a batch',
      '/access/v1/evaluations',
      { ...question, token: 'T', evaluations: [{ context: { token: claims } }] },
      '$.evaluations[0].context.token',
    ],
    [
      'tokens in a batch',
      '/decide',
      { token: 'T', requests: [{ ...question, token: 'T' }] },
      '$.requests[0].token',
    ],
    [
      'a description of the subject',
      '/decide',
      { ...question, token: 'T', entities: [{ ...eve, properties: {} }] },
      '$.entities[0]',
    ],
    ['a token that is a number', '/decide', { ...question, token: 7 }, '$.token'],
    ['an empty token', '/decide', { ...question, token: '' }, '$.token'],
    ['a token that is none', '/decide', { ...question, token: 'nonsense' }, '$.token'],
  ])('is demanded: %s', async (_, path, body, at) => {
    const server = await startForSubjects()
    const token = await issuer.sign({ scope })
    const text = JSON.stringify(body).replaceAll('"T"', JSON.stringify(token))
    const { status, json } = await post(server, path, JSON.parse(text))
    expect([status, json.errors?.[0]?.path]).toEqual([400, at])
    expect(JSON.stringify(json)).not.toContain(token)
  })

  it('may be left out where callers are trusted', async () => {
    const server = await startForSubjects({}, { trustCallerClaims: true })
    const told = { ...question, subject: eve, context: { token: claims } }
    expect((await post(server, '/decide', told)).json.decision).toBe('allow')
    const both = await post(server, '/decide', { ...told, token: await issuer.sign({ scope }) })
    expect(both.status).toBe(400)
    const token = await issuer.sign({ scope })
    expect((await post(server, '/decide', { ...question, token })).json.decision).toBe('allow')
  })

  it('tells subjects of two issuers apart', async () => {
    const other = await startIssuer()
    stops.push(() => other.stop())
    const issuers = [issuer, other].map(({ url, jwksUri }) => ({ issuer: url, audience: AUDIENCE, jwksUri }))
    const server = await start({ subjectIssuers: issuers }, POLICY.replace('sso:eve', `${issuer.url}|eve`))
    const write = { action: { name: 'write' }, resource: open }
    const ask = async (from: TestIssuer) =>
      (await post(server, '/decide', { ...write, token: await from.sign({ acr: 'mfa', amr: ['otp'] }) })).json
        .decision
    expect([await ask(issuer), await ask(other)]).toEqual(['allow', 'deny'])
  })

  describe('that is opaque', () => {
    const startWithIntrospection = (cacheSeconds = 10) =>
      startForSubjects({
        jwksUri: undefined,
        introspection: {
          url: issuer.introspectionUri,
          clientId: 'pdp',
          clientSecretFile: 'secret',
          cacheSeconds,
        },
      })
    const good = () => ({ active: true, sub: 'eve', aud: AUDIENCE, scope, exp: Date.now() / 1000 + 60 })

    it('is what its issuer says', async () => {
      const server = await startWithIntrospection()
      issuer.opaque.set('t1', good())
      const ask = () => post(server, '/decide', { ...question, token: 't1' })
      expect((await ask()).json.decision).toBe('allow')
      await ask()
      expect(issuer.asked.tokens).toBe(1)
    })

    it('is asked for each time where nothing may be kept', async () => {
      const server = await startWithIntrospection(0)
      issuer.opaque.set('t1', good())
      const ask = () => post(server, '/decide', { ...question, token: 't1' })
      expect((await ask()).status).toBe(200)
      issuer.opaque.delete('t1')
      expect((await ask()).status).toBe(400)
    })

    it.each<[string, object | undefined]>([
      ['unknown', undefined],
      ['active in another way', { active: 'true' }],
      ['for others', { aud: 'https://other.example' }],
      ['of others', { iss: 'https://other.example' }],
      ['over', { exp: 1 }],
      ['without end', { exp: undefined }],
    ])('is refused where it is %s', async (_, change) => {
      const server = await startWithIntrospection()
      if (change !== undefined) issuer.opaque.set('t1', { ...good(), ...change })
      const { status, json } = await post(server, '/decide', { ...question, token: 't1' })
      expect([status, json.errors[0].path]).toEqual([400, '$.token'])
    })

    it.each(['error', 'garbage', 'redirect', 'huge'] as const)('cannot be judged at %s', async (fault) => {
      const server = await startWithIntrospection()
      issuer.opaque.set('t1', good())
      issuer.fault.current = fault
      expect((await post(server, '/decide', { ...question, token: 't1' })).status).toBe(503)
    })
  })

  it('is never logged', async () => {
    const server = await startForSubjects()
    const token = await issuer.sign({ scope })
    logged.length = 0
    await post(server, '/decide', { ...question, token })
    await post(server, '/decide', { ...question, token: `${token}x` })
    await post(server, '/decide', { ...question, token: `${token}x` }, token)
    expect(logged.length).toBeGreaterThan(0)
    expect(logged.join('')).not.toContain(token.slice(-20))
  })
})

describe('a revoked token', () => {
  async function startWithAdmin() {
    const revocationFile = join(folder, `revoked-${crypto.randomUUID()}.jsonl`)
    const keyFile = join(folder, `keys-${crypto.randomUUID()}.json`)
    const wanted = {
      name: 'ops',
      environment: 'live',
      scopes: ['admin', 'decide'] as const,
      expiresAt: undefined,
    }
    const { text } = await changeKeyFile(keyFile, (keys) => addKey(keys, wanted, Date.now()))
    const flags = {
      keyFile,
      revocationFile,
      callerIssuers: [{ issuer: issuer.url, audience: AUDIENCE, jwksUri: issuer.jwksUri }],
    }
    return { flags, admin: text, revocationFile }
  }
  const scope = 'edict:decide'

  it('is refused at once, also after a restart', async () => {
    const { flags, admin, revocationFile } = await startWithAdmin()
    const token = await issuer.sign({ scope, jti: 'one' })
    const other = await issuer.sign({ scope, jti: 'two' })
    const statuses = async (server: RunningServer) => [
      (await post(server, '/decide', readOpen, token)).status,
      (await post(server, '/decide', readOpen, other)).status,
    ]
    const server = await start(flags)
    expect(await statuses(server)).toEqual([200, 200])
    const revocations = [{ issuer: issuer.url, jti: 'one' }]
    expect(await post(server, '/revocations', { revocations }, admin)).toMatchObject({
      status: 200,
      json: { count: 1 },
    })
    expect(await statuses(server)).toEqual([401, 200])
    // As a crash would leave it.
    writeFileSync(revocationFile, `${readFileSync(revocationFile, 'utf8')}\n{"issuer":"x","jt`)
    expect(await statuses(await start(flags))).toEqual([401, 200])
    // Another process that reads the same file follows.
    const second = await start(flags)
    await post(server, '/revocations', { revocations: [{ issuer: issuer.url, jti: 'two' }] }, admin)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await statuses(second)).toEqual([401, 401])
  })

  it('is not known to be none where the file was out of reach for too long: 503, with tokens alone', async () => {
    const { flags, admin, revocationFile } = await startWithAdmin()
    const server = await start(flags)
    const token = await issuer.sign({ scope, jti: 'one' })
    expect((await post(server, '/decide', readOpen, token)).status).toBe(200)
    rmSync(revocationFile, { force: true })
    mkdirSync(revocationFile)
    const real = performance.now.bind(performance)
    let ahead = 100
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead)
    expect((await post(server, '/decide', readOpen, token)).status).toBe(200)
    ahead += 60_100
    const refused = await post(server, '/decide', readOpen, token)
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('cannot be checked now')])
    expect((await post(server, '/decide', readOpen, admin)).status).toBe(200)
    clock.mockRestore()
  })

  it('may be all that a subject had before an instant', async () => {
    const { flags, admin } = await startWithAdmin()
    const server = await start(flags)
    const issuedBefore = Math.floor(Date.now() / 1000) - 5
    const revoke = (before: number) =>
      post(
        server,
        '/revocations',
        { revocations: [{ issuer: issuer.url, subject: 'eve', issuedBefore: before }] },
        admin,
      )
    const sign = (at: number, sub = 'eve') => issuer.sign({ scope, sub }, { issuedAt: at })
    const status = async (token: Promise<string>) =>
      (await post(server, '/decide', readOpen, await token)).status
    await revoke(issuedBefore)
    expect(await status(sign(issuedBefore - 1))).toBe(401)
    expect(await status(sign(issuedBefore))).toBe(200)
    expect(await status(sign(issuedBefore - 1, 'ann'))).toBe(200)
    // An earlier instant gives nothing back.
    await revoke(issuedBefore - 100)
    expect(await status(sign(issuedBefore - 1))).toBe(401)
  })

  it('is revoked by administrators alone, in the form that there is', async () => {
    const { flags, admin } = await startWithAdmin()
    const server = await start(flags)
    const revocations = [{ issuer: issuer.url, jti: 'one' }]
    expect((await post(server, '/revocations', { revocations })).status).toBe(401)
    expect((await post(server, '/revocations', { revocations }, await issuer.sign({ scope }))).status).toBe(
      403,
    )
    for (const wrong of [{}, { issuer: 'x' }, { issuer: 'x', jti: 7 }, { issuer: 'x', subject: 'y' }, 7]) {
      expect((await post(server, '/revocations', { revocations: [wrong] }, admin)).status).toBe(400)
    }
    const many = Array.from({ length: 1001 }, (_, index) => ({ issuer: 'x', jti: String(index) }))
    expect((await post(server, '/revocations', { revocations: many }, admin)).status).toBe(400)
  })
})
