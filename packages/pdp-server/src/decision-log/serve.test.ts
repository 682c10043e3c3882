// The decision log of the service as a process: what a stop, a full disk and a bad configuration make of it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { createPdp } from '../decide/pdp.ts'
import { startServer } from '../server.ts'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'
import { type Receiver, readLines, startReceiver } from '../test-support/decision-records.ts'
import { DATA, POLICY, readOpen } from '../test-support/service.ts'

const main = join(import.meta.dirname, '../main.ts')

let workspace: Workspace
let receiver: Receiver
const children: ChildProcess[] = []
beforeAll(async () => {
  workspace = createWorkspace()
  workspace.write({ 'docs/policy.edict': POLICY, 'docs/data/all.json': JSON.stringify(DATA) })
  receiver = await startReceiver()
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(async () => {
  await receiver.stop()
  workspace.remove()
})

interface Running {
  readonly url: string
  readonly output: () => { readonly stdout: string; readonly stderr: string }
  readonly stop: () => Promise<unknown>
}

async function serve(...flags: readonly string[]): Promise<Running> {
  const args = [main, 'serve', 'docs', '--port', '0', ...flags]
  const child = spawn(process.execPath, args, { cwd: workspace.directory })
  children.push(child)
  let [stdout, stderr] = ['', '']
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /listening +(http:\S+)/.exec(stdout + stderr)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk)
      look()
    })
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk)
      look()
    })
    child.on('exit', () => reject(new Error(stdout + stderr)))
  })
  const stop = async () => {
    const exited = once(child, 'close')
    child.kill('SIGTERM')
    return (await exited)[0]
  }
  return { url, output: () => ({ stdout, stderr }), stop }
}

/** The same within this process, which starts sooner. */
async function serveHere(...flags: readonly string[]): Promise<Pick<Running, 'url' | 'stop'>> {
  const asked = Promise.withResolvers<void>()
  const found = Promise.withResolvers<string>()
  const exit = workspace.run(
    ['serve', 'docs', '--port', '0', '--stop-timeout-ms', '300', '--log-level', 'silent', ...flags],
    {
      stopped: () => asked.promise,
      onOutput: (output) => {
        const url = /listening +(http:\S+)/.exec(output)?.[1]
        if (url !== undefined) found.resolve(url)
      },
    },
  )
  exit.then(({ stderr }) => found.reject(new Error(stderr)), found.reject)
  const stop = async () => {
    asked.resolve()
    return (await exit).code
  }
  return { url: await found.promise, stop }
}

/** The decision id of an answer; undefined where there was none. */
async function ask(url: string): Promise<string | undefined> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer secret-token' }
  const body = JSON.stringify(readOpen)
  const response = await fetch(`${url}/decide`, { method: 'POST', headers, body }).catch(() => undefined)
  await response?.text()
  return response?.status === 200 ? (response.headers.get('edict-decision-id') ?? undefined) : undefined
}

describe('edict serve with a decision log', () => {
  it('has the record of every answer once it stopped in full load, in each place', async () => {
    const file = join(workspace.directory, 'stop.log')
    const { url, stop, output } = await serve(
      ...['--decision-log', 'stdout,file,http', '--decision-log-file', 'stop.log'],
      ...['--decision-log-url', receiver.url],
    )
    const answered: string[] = []
    let isStopping = false
    const askOn = async () => {
      while (!isStopping) {
        const id = await ask(url)
        if (id !== undefined) answered.push(id)
      }
    }
    const load = Array.from({ length: 8 }, askOn)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const exit = stop()
    await new Promise((resolve) => setTimeout(resolve, 20))
    isStopping = true
    expect(await exit).toBe(0)
    await Promise.all(load)
    expect(answered.length).toBeGreaterThan(5)
    const { stdout, stderr } = output()
    for (const text of [
      readFileSync(file, 'utf8'),
      stdout,
      receiver.received.map(({ body }) => body).join(''),
    ]) {
      const logged = readLines(text).map(({ id }) => id)
      expect(new Set(logged).size).toBe(logged.length)
      expect(answered.filter((id) => !logged.includes(id))).toEqual([])
      expect(text).not.toContain('secret-token')
    }
    expect(stderr).toContain('listening')
  }, 60_000)

  it.runIf(process.platform === 'linux')(
    'gives no decision without a record where that is required',
    async () => {
      const { url, stop } = await serveHere(
        ...['--audit', 'required', '--audit-timeout-ms', '100'],
        ...['--decision-log', 'file', '--decision-log-file', '/dev/full'],
      )
      expect(await ask(url)).toBeUndefined()
      const ready = await fetch(`${url}/readyz`)
      const failing = { checks: expect.arrayContaining([expect.objectContaining({ status: 'failing' })]) }
      expect([ready.status, await ready.json()]).toMatchObject([503, failing])
      expect(await stop()).toBe(0)
    },
  )

  it('records before it answers where that is required', async () => {
    const { url, stop } = await serveHere(
      ...['--audit', 'required', '--decision-log', 'file', '--decision-log-file', 'audit.log'],
    )
    const id = await ask(url)
    expect(readLines(workspace.read('audit.log'))).toMatchObject([{ id }])
    await stop()
  })

  it.each([
    [['--decision-log', 'file'], 'say where with `decisionLogFile`'],
    [['--decision-log', 'http'], 'say where with `decisionLogUrl`'],
    [['--decision-log-file', 'x'], 'add `file` to `decisionLog`'],
    [['--revocation-file', 'x'], 'there are no tokens to revoke: set `callerIssuers`'],
    [['--audit', 'required'], 'say with `decisionLog` where records go'],
    [['--audit', 'required', '--decision-log', 'stdout', '--decision-log-sample-allow', '0.5'], 'at 1'],
    [['--audit', 'required', '--decision-log', 'stdout', '--decision-log-ignore', 'action=read'], 'empty'],
    [
      [
        '--decision-log',
        'http',
        '--decision-log-url',
        'http://logs.example.com',
        '--decision-log-headers-file',
        'h',
      ],
      'in the clear: use https',
    ],
    [['--decision-log', 'file', '--decision-log-file', 'no/such/folder.log'], 'cannot be written'],
  ])('does not start with %j', async (flags, message) => {
    const { code, stderr } = await workspace.run(['serve', 'docs', '--port', '0', ...flags])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('edict healthcheck', () => {
  const check = (...args: readonly string[]) => workspace.run(['healthcheck', ...args])

  it('tells whether the service can decide', async () => {
    const { url, stop } = await serveHere()
    const { port } = new URL(url)
    expect(await check('--port', port)).toMatchObject({ code: 0, stdout: expect.stringContaining('"ready"') })
    expect(await check('--port', port, '--live')).toMatchObject({ code: 0 })
    await stop()
    expect(await check('--port', port)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no answer'),
    })
  })

  it('fails where the service cannot decide', async () => {
    const app = createApp({ pdp: createPdp() })
    const { port, stop } = await startServer({ app, port: 0 })
    expect(await check('--port', String(port))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no policy set is loaded'),
    })
    expect(await check('--port', String(port), '--live')).toMatchObject({ code: 0 })
    await stop()
  })

  it.each(['0.0.0.0', '::'])('asks on loopback where the service listens on %s', async (host) => {
    const { stderr } = await check('--host', host, '--port', '1')
    expect(stderr).toMatch(/from http:\/\/(127\.0\.0\.1|\[::1\]):1\/readyz/)
  })
})
