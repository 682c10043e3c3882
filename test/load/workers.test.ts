// Several processes as one service, from outside.
import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCli } from '../../packages/pdp-server/src/cli/run-cli.ts'
import { createKey } from '../service/create-key.ts'
import { createFolder, killLeftOver, READ, serveApart, startApart, until, WRITE } from '../service/serve.ts'

const folder = createFolder()
afterAll(() => {
  killLeftOver()
  folder.remove()
})

const ISSUER = 'https://login.example.com/'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function createToken(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: 'pdp', sub: 'billing', jti: 't1', iat, exp: iat + 300 }
  const text = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })}.${encode({ ...claims, scope: 'edict:decide' })}`
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

/** Asks over a connection of its own, so that the processes take turns. */
async function ask(url: string, path: string, credential: string, body?: unknown, method = 'POST') {
  const response = await fetch(`${url}${path}`, {
    ...(body !== undefined && { method, body: JSON.stringify(body) }),
    // A connection that was on its way to a process that died leads nowhere.
    signal: AbortSignal.timeout(10_000),
    headers: {
      authorization: `Bearer ${credential}`,
      'content-type': 'application/json',
      connection: 'close',
    },
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

const askAll = (count: number, url: string, credential: string) =>
  Promise.all(Array.from({ length: count }, () => ask(url, '/decide', credential, READ)))

describe('edict serve --workers', () => {
  it('answers as one service: one state, one word on who may ask, one log, whoever of them dies', async () => {
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }
    folder.write('jwks.json', JSON.stringify({ keys: [jwk] }))
    const issuers = [{ issuer: ISSUER, audience: 'pdp', jwksFile: 'jwks.json' }]
    folder.write('edict.config.json', JSON.stringify({ callerIssuers: issuers, keyFile: 'keys.json' }))
    const admin = await createKey(folder, 'ops', 'admin,decide')
    const token = createToken()
    const log = ['--decision-log', 'file', '--decision-log-file', 'decisions.log', '--audit', 'required']
    const limits = ['--auth-failures-per-minute', '8', '--metrics', '--reload-poll-seconds', '0']
    rmSync(join(folder.path, 'docs/data'), { recursive: true })
    const store = ['--entity-store', 'entities.db']
    const service = await serveApart(folder, '--workers', '2', ...store, ...log, ...limits)
    const { url } = service

    const first = await askAll(20, url, token)
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]))
    const { text } = await ask(url, '/metrics', admin)
    expect(text).toMatch(/edict_decisions_total\{[^}]*rule="everyoneReads"\} 20\n/)
    expect(text).toMatch(/edict_workers\{state="listening"\} 2\n/)
    expect(text).toMatch(/edict_decision_log_up\{sink="file"\} 1\n/)

    // Loaded anew, all answer from the same.
    folder.write('docs/more.edict', 'rule more: deny read on Doc if subject.id == "nobody"\n')
    process.kill(service.pid, 'SIGHUP')
    const old = first[0]?.headers.get('edict-policy-version')
    await until(
      'a new version',
      async () => (await ask(url, '/decide', token, READ)).headers.get('edict-policy-version') !== old,
    )
    const versions = (await askAll(8, url, token)).map(({ headers }) => [
      headers.get('edict-policy-version'),
      headers.get('edict-policy-number'),
    ])
    expect(new Set(versions.map(String)).size).toBe(1)

    // Written at one of them, data counts at all.
    const owner = { properties: { owner: 'eve' } }
    const written = await ask(url, '/entities/Doc/d1', admin, owner, 'PUT')
    expect([written.status, JSON.parse(written.text)]).toEqual([201, expect.objectContaining(owner)])
    const owned = await Promise.all(Array.from({ length: 6 }, () => ask(url, '/decide', token, WRITE)))
    expect(owned.map(({ text }) => JSON.parse(text).decision)).toEqual(Array(6).fill('allow'))

    // Revoked at one of them, a token counts at none.
    const revoked = await ask(url, '/revocations', admin, { revocations: [{ issuer: ISSUER, jti: 't1' }] })
    expect(revoked.status).toBe(200)
    const refused = await askAll(6, url, token)
    expect(refused.map(({ status }) => status)).toEqual(Array(6).fill(401))
    // They count together: three of each would be no reason.
    const more = await askAll(6, url, token)
    expect(more.map(({ status }) => status).sort()).toEqual([401, 401, 429, 429, 429, 429])

    // One that dies is started again, and knows what the others know.
    const metrics = (await ask(url, '/metrics', admin)).text
    const pids = workersOf(service.pid)
    expect(pids).toHaveLength(2)
    process.kill(pids[0] as number, 'SIGKILL')
    await until('it is missed', () => service.output().includes('a worker ended'))
    await until('two processes again', async () =>
      (await ask(url, '/readyz', admin)).text.includes('2 of 2 workers answer'),
    )
    const again = await askAll(8, url, admin)
    expect(again.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect((await askAll(8, url, token)).map(({ status }) => status)).not.toContain(200)
    expect(metrics).toContain('edict_worker_restarts 0')

    // Nothing that was answered is missing from the log, and no line is torn.
    const last = askAll(20, url, admin)
    const answers = await last
    expect(await service.stop()).toBe(0)
    const lines = folder
      .read('decisions.log')
      .trim()
      .split('\n')
      .flatMap((line) => JSON.parse(line).id ?? [])
    const given = [...first, ...again, ...answers].map(({ headers }) => headers.get('edict-decision-id'))
    expect(lines).toEqual(expect.arrayContaining(given))
    expect(new Set(lines).size).toBe(lines.length)
    expect(folder.read('keys.last-used.json')).toContain('lastUsed')
  }, 60_000)

  it('listens before there is a bundle, says why it does not decide, and decides in all once one comes', async () => {
    folder.write('bundle.pub', await edict('bundle', 'keygen', '--out', 'bundle.pem'))
    rmSync(join(folder.path, 'edict.config.json'), { force: true })
    const bundle = ['--bundle-file', 'docs.bundle', '--bundle-keys', 'bundle.pub', '--bundle-name', 'docs']
    const service = await startApart(folder, '--workers', '2', ...bundle)
    const { url } = service
    const askBoth = async () => (await askAll(6, url, 'none')).map(({ status }) => status)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.text()).toMatch(/no policy set is loaded.*there is no file at `bundleFile`.*2 of 2/)
    expect(await askBoth()).toEqual(Array(6).fill(503))

    await edict('bundle', 'build', 'docs', '--key', 'bundle.pem', '--out', 'new.bundle')
    renameSync(join(folder.path, 'new.bundle'), join(folder.path, 'docs.bundle'))
    process.kill(service.pid, 'SIGHUP')
    await until('decisions of all', async () => (await askBoth()).every((status) => status === 200))
    expect(await service.stop()).toBe(0)
  }, 60_000)
})

/** What the command prints. */
async function edict(...args: readonly string[]): Promise<string> {
  let printed = ''
  const code = await runCli(args, {
    stdout: { write: (text) => (printed += text) },
    stderr: { write: () => true },
    readStdin: () => Promise.resolve(new Uint8Array()),
    env: {},
    cwd: folder.path,
    stopped: () => Promise.resolve(),
  })
  expect(code).toBe(0)
  return printed
}

/** The processes that a process has started. */
function workersOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map(Number)
}
