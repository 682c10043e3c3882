// The check over TLS. The certificates of test-support/tls are for localhost and 127.0.0.1.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { createTls } from '../authentication/tls.ts'
import { type RunningServer, startServer } from '../server.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'
import { createTestPdp } from '../test-support/service.ts'

const pem = (name: string) => join(import.meta.dirname, '../test-support/tls', `${name}.pem`)
let workspace: Workspace
beforeAll(() => {
  workspace = createWorkspace()
})
afterAll(() => workspace.remove())

const running: RunningServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function start(more: { readonly tlsClientCaFile?: string } = {}): Promise<RunningServer> {
  const config = {
    tlsCertFile: pem('server'),
    tlsKeyFile: pem('server-key'),
    tlsClientCertificate: 'required',
  } as const
  const tls = createTls({ ...config, ...more }, { log: NO_LOG })
  const server = await startServer({ app: createApp({ pdp: createTestPdp() }), port: 0, tls })
  running.push(server)
  return server
}

const check = (...args: readonly string[]) => workspace.run(['healthcheck', ...args])

describe('edict healthcheck over TLS', () => {
  it('believes the certificate that the service is configured with, and no other', async () => {
    const { port } = await start()
    const configure = (name: string) =>
      workspace.write({
        [`${name}.json`]: JSON.stringify({ tlsCertFile: pem(name), tlsKeyFile: pem(`${name}-key`), port }),
      })
    configure('server')
    configure('server-next')
    expect(await check('--config', 'server.json')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/"ready"/),
    })
    expect(await check('--config', 'server-next.json')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/OTHER_CERTIFICATE/),
    })
  })

  it('believes authorities that are named, and their names alone', async () => {
    const { url, port } = await start()
    expect((await check('--url', url, '--cacert', pem('ca'))).code).toBe(0)
    expect(await check('--url', url, '--live', '--cacert', pem('ca'))).toMatchObject({
      code: 0,
      stdout: '{"status":"ok"}\n',
    })
    expect((await check('--url', `https://127.0.0.2:${port}`, '--cacert', pem('ca'))).code).toBe(1)
    expect((await check('--url', url, '--cacert', pem('stranger'))).code).toBe(1)
    expect(await check('--url', url)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^no answer/) })
  })

  it('believes anything on this machine where told to, and nowhere else', async () => {
    const { url } = await start()
    expect((await check('--url', url, '--insecure')).code).toBe(0)
    expect(await check('--url', 'https://pdp.example.com', '--insecure')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/for this machine alone/),
    })
  })

  it('shows a certificate where the service asks for one', async () => {
    const { url } = await start({ tlsClientCaFile: pem('ca') })
    const trust = ['--url', url, '--cacert', pem('ca')]
    expect((await check(...trust)).code).toBe(1)
    expect((await check(...trust, '--cert', pem('billing'), '--key', pem('billing-key'))).code).toBe(0)
  })

  it('follows no redirect, and takes no other status for a yes', async () => {
    let status = 302
    const key = readFileSync(pem('server-key'))
    const server = createServer({ key, cert: readFileSync(pem('server')) }, (_, response) =>
      response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(100_000)),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    for (status of [302, 204, 503]) {
      const { code, stderr } = await check('--url', url, '--cacert', pem('ca'))
      expect(code).toBe(1)
      expect(stderr.length).toBeLessThan(2100)
    }
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('refuses an address that is none, or holds credentials', async () => {
    for (const url of ['nowhere', 'ftp://localhost', 'https://user:hush@localhost']) {
      const { code, stderr } = await check('--url', url)
      expect([code, stderr]).toEqual([2, expect.not.stringMatching(/hush/)])
    }
  })
})
