// Signed requests over real HTTP.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { type RunningServer, startServer } from '../../server.ts'
import { type Log, NO_LOG } from '../../telemetry/log.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { createTestPdp, readOpen, readShut } from '../../test-support/service.ts'
import {
  createSigner,
  digestOf,
  type SignOptions,
  signRequest,
  toKeyFile,
} from '../../test-support/sign-request.ts'
import { type Authentication, createAuthentication } from '../authentication.ts'
import { createSignatureGuard } from './signature-guard.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-signed-'))
const path = join(folder, 'signers.json')
const billing = createSigner('billing', ['decide'])
const ops = createSigner('ops', ['admin', 'decide'], 'hmac-sha256')
const stranger = createSigner('stranger', ['decide'])
const expired = createSigner('expired', ['decide'])
const body = JSON.stringify(readOpen)

let server: RunningServer
let authentication: Authentication
beforeAll(async () => {
  const expiresAt = '2020-01-01T00:00:00Z'
  const signers = [billing, ops, { ...expired, record: { ...expired.record, expiresAt } }]
  writeFileSync(path, toKeyFile(signers), { mode: 0o600 })
  const publicUrl = 'https://pdp.example.com/edict'
  const flags = { signatureKeys: path, publicUrl, authFailuresPerMinute: '0' }
  const config = loadConfig({ flags, env: {}, cwd: folder })
  authentication = createAuthentication(config, NO_LOG)
  const { gates, bodyGates } = authentication
  const app = createApp({
    pdp: createTestPdp(),
    gates,
    bodyGates,
    publicUrl,
    metrics: new Metrics({ measuresProcess: false }),
  })
  server = await startServer({ app, port: 0, authenticatesCallers: true })
})
afterAll(async () => {
  await server.stop()
  authentication.stop()
  rmSync(folder, { recursive: true })
})

interface Sent {
  readonly path?: string
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Without the length beforehand, which takes another way through the service. */
  readonly isChunked?: boolean
}

async function send({
  path: target = '/decide',
  method = 'POST',
  headers,
  body: content,
  isChunked = false,
}: Sent) {
  const { port } = server
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path: target, method, headers, agent: false },
      resolve,
    )
    outgoing.on('error', reject)
    if (content !== undefined && !isChunked) outgoing.setHeader('content-length', Buffer.byteLength(content))
    if (content !== undefined) outgoing.write(content)
    outgoing.end()
  })
  return { status: incoming.statusCode, headers: incoming.headers, text: await text(incoming) }
}

const sign = (options: Partial<SignOptions> = {}, signer = billing) =>
  signRequest(signer, { url: `${server.url}/decide`, body, ...options })

describe('a signed request', () => {
  it.each([
    ['@target-uri', ['@method', '@target-uri', 'content-digest']],
    ['its parts', ['@method', '@authority', '@path', 'content-digest', 'content-type']],
    ['the request target', ['@authority', '@request-target', '@method', 'content-digest']],
  ])('counts where it covers %s', async (_, components) => {
    for (const isChunked of [false, true]) {
      const { status, text: answer } = await send({ headers: sign({ components }), body, isChunked })
      expect([status, JSON.parse(answer).decision]).toEqual([200, 'allow'])
    }
  })

  it('counts by a shared secret', async () => {
    expect((await send({ headers: sign({}, ops), body })).status).toBe(200)
  })

  it('counts for the public address, with what stands before its paths', async () => {
    const headers = { ...sign({ url: 'https://pdp.example.com/edict/decide' }), host: 'pdp.example.com' }
    expect((await send({ headers, body })).status).toBe(200)
  })

  it('counts without a body where there is none', async () => {
    const options = {
      url: `${server.url}/metrics`,
      method: 'GET',
      body: undefined,
      components: ['@method', '@target-uri'],
    }
    const { status } = await send({ path: '/metrics', method: 'GET', headers: signRequest(ops, options) })
    expect(status).toBe(200)
  })

  it('may do what its key may', async () => {
    const options = {
      url: `${server.url}/metrics`,
      method: 'GET',
      body: undefined,
      components: ['@method', '@target-uri'],
    }
    const { status } = await send({ path: '/metrics', method: 'GET', headers: signRequest(billing, options) })
    expect(status).toBe(403)
  })

  it('counts once', async () => {
    const headers = sign()
    expect((await send({ headers, body })).status).toBe(200)
    for (const isChunked of [false, true]) {
      const again = await send({ headers, body, isChunked })
      expect([again.status, again.text]).toEqual([401, expect.stringContaining('used before')])
    }
  })

  it('counts beside the signature of a proxy that nobody knows', async () => {
    const own = sign()
    const other = sign({ label: 'proxy' }, stranger)
    const headers = {
      ...own,
      'signature-input': `${other['signature-input']}, ${own['signature-input']}`,
      signature: `${other.signature}, ${own.signature}`,
    }
    expect((await send({ headers, body })).status).toBe(200)
  })

  const now = () => Math.floor(Date.now() / 1000)
  it.each<[string, () => Readonly<Record<string, string>>, RegExp]>([
    ['by a key that nobody knows', () => sign({}, stranger), /no signature is by a key/],
    ['by a key that has expired', () => sign({}, expired), /has expired/],
    ['by another key than it names', () => sign({ parameters: { keyid: 'ops-1' } }), /is wrong/],
    [
      'with another algorithm than its key has',
      () => sign({ parameters: { alg: 'hmac-sha256' } }),
      /another algorithm/,
    ],
    ['over nothing', () => sign({ components: [] }), /must cover `@method`/],
    [
      'over no address',
      () => sign({ components: ['@method', 'content-digest'] }),
      /must cover `@target-uri`/,
    ],
    [
      'over half an address',
      () => sign({ components: ['@method', '@path', 'content-digest'] }),
      /must cover `@target-uri`/,
    ],
    ['over no body', () => sign({ components: ['@method', '@target-uri'] }), /must cover `content-digest`/],
    ['without a nonce', () => sign({ parameters: { nonce: undefined } }), /needs a `nonce`/],
    ['with a short nonce', () => sign({ parameters: { nonce: 'abc' } }), /needs a `nonce`/],
    ['without a time', () => sign({ parameters: { created: undefined } }), /needs `created`/],
    ['of long ago', () => sign({ parameters: { created: now() - 61 } }), /older than 60 seconds/],
    [
      'of before the service began',
      () => sign({ parameters: { created: now() - 50 } }),
      /older than this service/,
    ],
    ['of a time to come', () => sign({ parameters: { created: now() + 30 } }), /still to come/],
    ['that has run out', () => sign({ parameters: { expires: now() - 1 } }), /has expired/],
    ['with a parameter of no meaning', () => sign({ parameters: { colour: 'red' } }), /means nothing here/],
    ['for another path', () => sign({ url: `${server.url}/access/v1/evaluation` }), /is wrong/],
    ['for another host', () => sign({ url: 'https://other.example.com/decide' }), /is wrong/],
    ['for another method', () => sign({ method: 'PUT' }), /is wrong/],
    [
      'of another body',
      () => sign({ body: JSON.stringify(readShut) }),
      /not the one that `Content-Digest` names/,
    ],
    [
      'whose digest was changed',
      () => ({ ...sign({ body: JSON.stringify(readShut) }), 'content-digest': digestOf(body) }),
      /is wrong/,
    ],
    [
      'with a weak digest',
      () => sign({ headers: { 'content-digest': 'md5=:1B2M2Y8AsgTpgAmY7PhCfg==:' } }),
      /neither/,
    ],
    [
      'twice, by keys that are known',
      () => {
        const [one, two] = [sign(), sign({ label: 'two' }, ops)]
        return {
          ...one,
          'signature-input': `${one['signature-input']}, ${two['signature-input']}`,
          signature: `${one.signature}, ${two.signature}`,
        }
      },
      /two signatures/,
    ],
    ['without its signature', () => ({ ...sign(), signature: 'other=:AAAA:' }), /lacks the signature/],
    ['with headers that cannot be read', () => ({ ...sign(), 'signature-input': 'sig=(' }), /cannot be read/],
    ['with half of its headers', () => ({ signature: 'sig=:AAAA:' }), /cannot be read/],
    [
      'for an address that is not ours',
      () => ({ ...sign({ url: 'https://other.example.com/decide' }), host: 'other.example.com' }),
      /must be for pdp\.example\.com/,
    ],
  ])('is refused %s', async (_, make, fault) => {
    for (const isChunked of [false, true]) {
      const {
        status,
        headers,
        text: answer,
      } = await send({ headers: { 'content-type': 'application/json', ...make() }, body, isChunked })
      expect([status, JSON.parse(answer).detail]).toEqual([401, expect.stringMatching(fault)])
      expect(headers['www-authenticate']).toMatch(/^Bearer realm="edict"/)
      expect(headers['accept-signature']).toMatch(/^edict=\("@method"/)
      expect(answer).not.toContain('decision')
    }
  })

  it('must cover a query that it brings', async () => {
    const url = `${server.url}/decide?x=1`
    const parts = ['@method', '@authority', '@path', 'content-digest']
    const without = await send({ path: '/decide?x=1', headers: sign({ url, components: parts }), body })
    expect([without.status, without.text]).toEqual([401, expect.stringContaining('must cover `@query`')])
    const covered = await send({
      path: '/decide?x=1',
      headers: sign({ url, components: [...parts, '@query'] }),
      body,
    })
    expect(covered.status).toBe(200)
    const other = await send({ path: '/decide?x=2', headers: sign({ url }), body })
    expect(other.status).toBe(401)
  })

  it.each([
    ['if-match', '"17"'],
    ['if-none-match', '*'],
    ['idempotency-key', '"k1"'],
    ['edict-min-policy-number', '7'],
    ['edict-min-data-number', '40'],
  ])('must cover the header %s where it brings it', async (name, value) => {
    const covers = ['@method', '@target-uri', 'content-digest']
    for (const isChunked of [false, true]) {
      const added = await send({ headers: { ...sign(), [name]: value }, body, isChunked })
      expect([added.status, added.text]).toEqual([401, expect.stringContaining(`must cover \`${name}\``)])
      const accepted = `edict=("@method" "@target-uri" "content-digest" "${name}");created;keyid;nonce`
      expect(added.headers['accept-signature']).toBe(accepted)
      const own = () => sign({ headers: { [name]: value }, components: [...covers, name] })
      const { [name]: _, ...dropped } = own()
      expect((await send({ headers: dropped, body, isChunked })).status).toBe(401)
      const changed = { ...own(), [name]: `${value}9` }
      expect((await send({ headers: changed, body, isChunked })).status).toBe(401)
      // 412: nothing is counted here, and the signature was good.
      const status = name.startsWith('edict-min') ? 412 : 200
      expect((await send({ headers: own(), body, isChunked })).status).toBe(status)
    }
  })

  it('says in one way who its caller is', async () => {
    const { status, text: answer } = await send({ headers: { ...sign(), authorization: 'Bearer abc' }, body })
    expect([status, answer]).toEqual([400, expect.stringContaining('in one way')])
  })

  it('does not let in who signs nothing', async () => {
    const {
      status,
      text: answer,
      headers,
    } = await send({
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect([status, answer]).toEqual([
      401,
      expect.stringContaining('who they are: sign the request (RFC 9421)"'),
    ])
    expect(headers['accept-signature']).toContain('"@method" "@target-uri" "content-digest"')
  })
})

describe('the file of signature keys', () => {
  const SECRET = Buffer.alloc(36, 'quick brown fox').toString('base64')

  it.each<[string, unknown, RegExp]>([
    [
      'a private key',
      {
        publicKey:
          '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----',
      },
      /is a private key/,
    ],
    ['no key', { publicKey: 'abc' }, /no public key in PEM/],
    [
      'a key of another algorithm',
      { algorithm: 'ecdsa-p256-sha256' },
      /must hold a key for `ecdsa-p256-sha256`/,
    ],
    [
      'a short secret',
      { algorithm: 'hmac-sha256', publicKey: undefined, secret: 'c2hvcnQ=' },
      /at least 32 bytes/,
    ],
    ['a secret beside a public key', { secret: 'c2hvcnQ=' }, /must have `secret` with `hmac-sha256`/],
    ['RSA with PKCS#1 v1.5', { algorithm: 'rsa-v1_5-sha256' }, /algorithm/],
    ['a scope that there is not', { scopes: ['all'] }, /scopes/],
    ['a member that there is not', { isAdmin: true }, /isAdmin/],
  ])('is refused with %s', (_, change, message) => {
    const file = join(folder, 'wrong.json')
    const record = { ...billing.record, ...(change as object) }
    writeFileSync(file, toKeyFile([{ ...billing, record }]), { mode: 0o600 })
    const config = loadConfig({ flags: { signatureKeys: file }, env: {}, cwd: folder })
    expect(() => createAuthentication(config, NO_LOG)).toThrow(message)
  })

  it.each<[string, (text: string) => string]>([
    ['is cut off', (text) => text.slice(0, -20)],
    ['lacks a quotation mark', (text) => text.replace('"secret":"', '"secret":')],
    ['is the secret alone', () => SECRET],
  ])('tells nobody of a secret in it where it %s', async (_, spoil) => {
    const file = join(folder, 'spoilt.json')
    const signer = { ...ops, record: { ...ops.record, secret: SECRET } }
    const logged: string[] = []
    const keep = (fields: { readonly err?: Error }) => void logged.push(inspect(fields))
    writeFileSync(file, toKeyFile([signer]), { mode: 0o600 })
    const guard = createSignatureGuard(
      file,
      { signatureMaxAgeSeconds: 60 } as never,
      { error: keep, warn: keep, info: keep } as Log,
    )
    writeFileSync(file, spoil(toKeyFile([signer])))
    await vi.waitFor(() => expect(guard.check().status).toBe('degraded'))
    expect(guard.check().detail).not.toContain(file)
    expect(logged).toHaveLength(1)
    for (const text of [guard.check().detail, ...logged]) {
      for (let at = 0; at + 6 <= SECRET.length; at++) expect(text).not.toContain(SECRET.slice(at, at + 6))
    }
  })

  it.each([
    [0o602, [billing], /written by others/],
    [0o644, [ops], /read by others/],
  ])('is refused with mode %o', (mode, signers, message) => {
    const file = join(folder, 'open.json')
    writeFileSync(file, toKeyFile(signers))
    chmodSync(file, mode)
    const config = loadConfig({ flags: { signatureKeys: file }, env: {}, cwd: folder })
    expect(() => createAuthentication(config, NO_LOG)).toThrow(message)
    chmodSync(file, 0o600)
  })
})
