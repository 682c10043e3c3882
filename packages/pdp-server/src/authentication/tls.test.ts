// TLS over real sockets. The certificates of test-support/tls were made for these tests alone, by an authority whose
// key is gone.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { type RunningServer, startServer } from '../server.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createTestPdp, readOpen } from '../test-support/service.ts'
import { createAuthentication } from './authentication.ts'
import { createTls } from './tls.ts'

const pem = (name: string) => join(import.meta.dirname, '../test-support/tls', `${name}.pem`)
const read = (name: string) => readFileSync(pem(name))
const ca = read('ca')
const folder = mkdtempSync(join(tmpdir(), 'edict-tls-'))
afterAll(() => rmSync(folder, { recursive: true }))

const running: RunningServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

const SERVER = { tlsCertFile: pem('server'), tlsKeyFile: pem('server-key') }
const CALLERS = [{ name: 'billing', certificate: 'URI:spiffe://test/billing', scopes: ['decide'] }]

async function start(more: Readonly<Record<string, unknown>> = {}): Promise<RunningServer> {
  const flags = Object.fromEntries(
    Object.entries({ ...SERVER, ...more }).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  const config = loadConfig({ flags, env: {}, cwd: folder })
  const { gates, bodyGates, tls, callers } = createAuthentication(config, NO_LOG)
  const app = createApp({ pdp: createTestPdp(), gates, bodyGates })
  const server = await startServer({ app, port: 0, tls, authenticatesCallers: callers !== undefined })
  running.push(server)
  return server
}

/** The status, or the code of what kept the connection from coming to be. */
function ask({ port }: RunningServer, client?: string, explain = false): Promise<number | string> {
  const identity = client === undefined ? {} : { cert: read(client), key: read(`${client}-key`) }
  const options: RequestOptions = {
    host: '127.0.0.1',
    port,
    path: '/decide',
    method: 'POST',
    ca,
    agent: false,
    headers: { 'content-type': 'application/json' },
    ...identity,
  }
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    sent.end(JSON.stringify({ ...readOpen, explain }))
  })
}

describe('the service over TLS', () => {
  it('answers at an https address, and not without TLS', async () => {
    const server = await start()
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`)
    expect(await ask(server)).toBe(200)
    await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow()
  })

  it('knows callers by their certificate', async () => {
    const server = await start({ tlsClientCaFile: pem('ca'), certificateCallers: CALLERS })
    expect(await ask(server, 'billing')).toBe(200)
    expect(await ask(server, 'billing', true)).toBe(403)
    // Of the authority, and nobody that is configured.
    expect(await ask(server, 'guest')).toBe(401)
    // None, or one that says the same and is of another authority: no request gets through.
    for (const client of [undefined, 'stranger']) expect(await ask(server, client)).toBeTypeOf('string')
  })

  it('lets clients without a certificate connect where that is configured, and takes none of others', async () => {
    const server = await start({
      tlsClientCaFile: pem('ca'),
      tlsClientCertificate: 'optional',
      certificateCallers: CALLERS,
    })
    expect(await ask(server, 'billing')).toBe(200)
    expect(await ask(server)).toBe(401)
    expect(await ask(server, 'stranger')).toBe(401)
  })

  it.each([
    ['DNS:billing.test', 200],
    ['CN:billing', 200],
    ['DNS:test', 401],
    ['CN:bill', 401],
    ['URI:spiffe://test/billing2', 401],
  ])('compares %s whole', async (certificate, status) => {
    const certificateCallers = [{ name: 'billing', certificate, scopes: ['decide'] }]
    expect(await ask(await start({ tlsClientCaFile: pem('ca'), certificateCallers }), 'billing')).toBe(status)
  })

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['a certificate without its key', { tlsKeyFile: undefined }, /go together/],
    ['a key of another certificate', { tlsKeyFile: pem('guest-key') }, /cannot be used for TLS/],
    ['callers without an authority', { certificateCallers: CALLERS }, /needs `tlsClientCaFile`/],
    ['a file that is not there', { tlsCertFile: 'nowhere.pem' }, /there is no file/],
    ['a name that is none', { certificateCallers: [{ name: 'x', certificate: 'x', scopes: [] }] }, /DNS:…/],
  ])('does not start with %s', async (_, more, message) => {
    await expect(start(more)).rejects.toThrow(message)
  })
})

describe('createTls', () => {
  const files = { tlsCertFile: join(folder, 'cert.pem'), tlsKeyFile: join(folder, 'key.pem') }
  const put = (cert: string, key: string) => {
    copyFileSync(pem(cert), files.tlsCertFile)
    copyFileSync(pem(key), files.tlsKeyFile)
  }

  async function serialOf({ port }: RunningServer): Promise<string> {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca })
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }

  it('renews certificates without a restart, and keeps the old ones where new ones do not fit', async () => {
    put('server', 'server-key')
    const tls = createTls({ ...files, tlsClientCertificate: 'required' }, { log: NO_LOG, lookEveryMs: 10 })
    const server = await startServer({ app: createApp({ pdp: createTestPdp() }), port: 0, tls })
    running.push(server)
    const first = await serialOf(server)
    put('server-next', 'server-key')
    await setTimeout(50)
    expect(await serialOf(server)).toBe(first)
    put('server-next', 'server-next-key')
    let serial = first
    for (let tries = 0; tries < 100 && serial === first; tries++) {
      await setTimeout(10)
      serial = await serialOf(server)
    }
    expect(serial).not.toBe(first)
    expect(await ask(server)).toBe(200)
  })

  it('notices certificates that were renewed while the service was starting', async () => {
    put('server', 'server-key')
    const tls = createTls({ ...files, tlsClientCertificate: 'required' }, { log: NO_LOG, lookEveryMs: 10 })
    put('server-next', 'server-next-key')
    const renewed = await new Promise<SecureContextOptions>((setSecureContext) => {
      const stop = tls?.follow({ setSecureContext: (context) => [stop?.(), setSecureContext(context)] })
    })
    expect(renewed.cert).toBe(read('server-next').toString())
  })
})
