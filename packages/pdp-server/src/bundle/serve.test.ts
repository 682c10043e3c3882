// `edict serve` with a bundle, over HTTP from end to end.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../cli/run-cli.ts'
import { type BundleServer, startBundleServer } from '../test-support/bundle-server.ts'
import {
  BUNDLE_POLICY,
  createTestKey,
  readD,
  signTestBundle,
  type TestBundleOptions,
  type TestKey,
} from '../test-support/bundles.ts'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'

const key = createTestKey()
const nextKey = createTestKey()
const DENY = `${BUNDLE_POLICY}\nrule closed: deny read on Doc`

let workspace: Workspace
let server: BundleServer
beforeAll(() => {
  workspace = createWorkspace()
  workspace.write({ 'a.pub': key.publicPem, 'b.pub': nextKey.publicPem, 'a.pem': key.privatePem })
  workspace.write({ 'docs/p.edict': BUNDLE_POLICY })
})
afterAll(() => workspace.remove())
beforeEach(async () => {
  server = await startBundleServer()
})
afterEach(() => server.stop())

interface Service {
  readonly output: string
  readonly decide: () => Promise<{ readonly status: number; readonly decision: unknown }>
  readonly readyz: () => Promise<{
    readonly status: number
    readonly json: Readonly<Record<string, unknown>>
  }>
  /** Asks the service to look now, until it is as it should be. */
  readonly reloadUntil: (isSo: (readyz: Readonly<Record<string, unknown>>) => boolean) => Promise<void>
}

/** Serves until `use` is done. */
async function serve(args: readonly string[], use: (service: Service) => Promise<void>): Promise<number> {
  const started = Promise.withResolvers<string>()
  const done = Promise.withResolvers<void>()
  let [output, errors] = ['', '']
  let reload = () => {}
  const write = (text: string) => {
    output += text
    if (output.includes('Stop with')) started.resolve(output)
  }
  const served = runCli(['serve', '--port', '0', '--log-level', 'silent', ...args], {
    stdout: { write },
    stderr: { write: (text) => (errors += text) },
    readStdin: () => Promise.resolve(new Uint8Array()),
    env: {},
    cwd: workspace.directory,
    stopped: () => done.promise,
    onReload: (listener) => {
      reload = listener
      return () => {}
    },
  })
  await Promise.race([started.promise, served.then(() => Promise.reject(new Error(errors)))])
  const url = /listening +(http:\S+)/.exec(output)?.[1] ?? ''
  const readyz = async () => {
    const response = await fetch(`${url}/readyz`)
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  try {
    await use({
      output,
      readyz,
      decide: async () => {
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`${url}/decide`, {
          method: 'POST',
          headers,
          body: JSON.stringify(readD),
        })
        const { decision } = (await response.json()) as { readonly decision?: unknown }
        return { status: response.status, decision }
      },
      reloadUntil: async (isSo) => {
        reload()
        while (!isSo((await readyz()).json));
      },
    })
  } finally {
    done.resolve()
  }
  return served
}

const sign = (options: TestBundleOptions, by: TestKey = key) => signTestBundle(by, options)
const isNumber = (number: number) => (readyz: Readonly<Record<string, unknown>>) =>
  readyz.policyNumber === number
const isDegraded = ({ checks }: Readonly<Record<string, unknown>>) =>
  JSON.stringify(checks).includes('degraded')
const commonFlags = ['--bundle-name', 'docs', '--bundle-keys', 'a.pub,b.pub']
const urlFlags = () => ['--bundle-url', server.url, ...commonFlags]

describe('edict serve --bundle-url', () => {
  it('follows the bundle: of either key, never older, through failures', async () => {
    server.serving.bytes = sign({ serial: 1 })
    const code = await serve(urlFlags(), async ({ output, decide, readyz, reloadUntil }) => {
      expect(output).toMatch(
        /bundle +docs from http:\/\/127\.0\.0\.1:\d+: serial 1, 2 rules, 1 role, 1 entity/,
      )
      expect(await decide()).toEqual({ status: 200, decision: 'allow' })
      server.serving.bytes = sign({ serial: 2, policy: DENY }, nextKey)
      await reloadUntil(isNumber(2))
      expect(await decide()).toEqual({ status: 200, decision: 'deny' })
      server.serving.bytes = sign({ serial: 1 })
      await reloadUntil(isDegraded)
      expect(await decide()).toEqual({ status: 200, decision: 'deny' })
      expect(await readyz()).toMatchObject({
        status: 200,
        json: { policyNumber: 2, detail: expect.stringMatching(/has serial 1, and 2 was seen before/) },
      })
      server.serving.bytes = sign({ serial: 3 })
      await reloadUntil(isNumber(3))
      expect(await decide()).toEqual({ status: 200, decision: 'allow' })
      expect(isDegraded((await readyz()).json)).toBe(false)
    })
    expect(code).toBe(0)
  })

  it('starts with what was kept while its server is away, and takes nothing older after that', async () => {
    const flags = [...urlFlags(), '--state-dir', 'state']
    server.serving.bytes = sign({ serial: 5, policy: DENY })
    await serve(flags, async ({ readyz }) => {
      expect(await readyz()).toMatchObject({ json: { policyNumber: 5 } })
    })
    expect(workspace.read('state/last-good.bundle')).toBe(Buffer.from(server.serving.bytes).toString())
    server.serving.fault = 'error'
    await serve(flags, async ({ output, decide, readyz, reloadUntil }) => {
      expect(output).toMatch(
        /warning +this is the bundle that was kept: the server of the bundle answered 503/,
      )
      expect(await decide()).toEqual({ status: 200, decision: 'deny' })
      expect(await readyz()).toMatchObject({
        status: 200,
        json: { detail: expect.stringMatching(/answered 503/) },
      })
      Object.assign(server.serving, { fault: undefined, bytes: sign({ serial: 4 }) })
      await reloadUntil(({ detail }) => String(detail).includes('has serial 4, and 5 was seen before'))
      expect(await decide()).toEqual({ status: 200, decision: 'deny' })
    })
  })

  it('gives no decisions until a bundle has come', async () => {
    server.serving.fault = 'reset'
    await serve(urlFlags(), async ({ output, decide, readyz, reloadUntil }) => {
      expect(output).toMatch(
        /bundle +docs from .*: none yet, and no decisions until there is one: the server of/,
      )
      expect(await decide()).toEqual({ status: 503, decision: undefined })
      expect(await readyz()).toMatchObject({ status: 503, json: { status: 'not-ready' } })
      Object.assign(server.serving, { fault: undefined, bytes: sign({ serial: 1 }) })
      await reloadUntil(isNumber(1))
      expect(await decide()).toEqual({ status: 200, decision: 'allow' })
    })
  })
})

describe('edict serve --bundle-file', () => {
  it('follows the file', async () => {
    const put = (bytes: Uint8Array) => {
      writeFileSync(join(workspace.directory, 'new'), bytes)
      renameSync(join(workspace.directory, 'new'), join(workspace.directory, 'docs.bundle'))
    }
    put(sign({ serial: 1 }))
    await serve(['--bundle-file', 'docs.bundle', ...commonFlags], async ({ output, decide, reloadUntil }) => {
      expect(output).toMatch(/bundle +docs from docs\.bundle: serial 1/)
      expect(await decide()).toEqual({ status: 200, decision: 'allow' })
      put(sign({ serial: 2, policy: DENY }))
      await reloadUntil(isNumber(2))
      expect(await decide()).toEqual({ status: 200, decision: 'deny' })
    })
  })
})

describe('a configuration with a bundle', () => {
  const file = '--bundle-file docs.bundle --bundle-name docs --bundle-keys a.pub'
  const url = '--bundle-url https://x.example/y --bundle-name docs --bundle-keys a.pub'

  it.each<[string, RegExp]>([
    [
      `docs ${file}`,
      /`bundleFile` and `policies` are both given: a bundle holds policies and data, leave one out/,
    ],
    [`${url} --policies docs`, /`bundleUrl` and `policies` are both given/],
    [`${url} --data docs`, /`bundleUrl` and `data` are both given/],
    [`${file} --bundle-url https://x.example/y`, /`bundleUrl` and `bundleFile` are both given/],
    [
      '--bundle-file docs.bundle --bundle-name docs',
      /nobody's signature counts: name public keys with `bundleKeys`/,
    ],
    ['--bundle-file docs.bundle --bundle-keys a.pub', /say with `bundleName` which bundle is meant/],
    ['docs --bundle-keys a.pub', /`bundleKeys` is given, but no bundle/],
    ['docs --bundle-name docs', /`bundleName` is given, but no bundle/],
    [`${file} --bundle-token-file t`, /a file asks for no token/],
    [
      '--bundle-url http://x.example/y --bundle-name docs --bundle-keys a.pub',
      /is no https address: anyone on the way/,
    ],
    [
      '--bundle-url http://x.example/y --bundle-name docs --bundle-keys a.pub --insecure-bundle-http --bundle-token-file t',
      /`bundleTokenFile` holds a credential, and `bundleUrl` would send it in the clear/,
    ],
    [`${url} --max-staleness-seconds 59`, /must be at least twice `bundlePollSeconds`/],
    [`${file} --max-staleness-seconds 1`, /must be at least twice the second between two looks/],
    ['--bundle-url https://me:pw@x.example/y', /`bundleUrl` must be an https address without credentials/],
    ['--bundle-url file:///etc/passwd', /`bundleUrl` must be an https address/],
    ['--bundle-url x', /`bundleUrl` must be an https address/],
    [`${url} --bundle-poll-seconds 0`, /`bundlePollSeconds` must be a whole number from 1/],
    [`${file.replace('docs --', '../x --')}`, /`bundleName` must be a name of letters/],
    [`${file.replace('a.pub', 'a.pem')}`, /a\.pem is a private key: name its public half/],
    [`${file.replace('a.pub', 'none.pub')}`, /there is no file .*none\.pub/],
    [`${file.replace('a.pub', 'docs/p.edict')}`, /p\.edict is no public key, neither in PEM/],
  ])('is refused for %s', async (line, message) => {
    const { code, stdout, stderr } = await workspace.run(['serve', ...line.split(' ')])
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)])
  })
})
