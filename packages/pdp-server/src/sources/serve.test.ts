// `edict serve` and its folders, over HTTP from end to end.
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../cli/run-cli.ts'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'

const POLICY = 'subject User\nresource Doc { actions read }\nrule open: allow read on Doc\n'
const CLOSED = POLICY.replace('allow', 'deny')
const BROKEN = POLICY.replace('allow read', 'allow raed')

let workspace: Workspace
beforeEach(() => {
  workspace = createWorkspace()
  workspace.write({ 'docs/p.edict': POLICY })
})
afterEach(() => workspace.remove())

interface Service {
  readonly output: string
  readonly errors: string
  readonly decide: () => Promise<unknown>
  readonly readyz: () => Promise<Record<string, unknown>>
  /** Asks the service to load anew, until it has. */
  readonly reloadUntil: (isSo: (readyz: Record<string, unknown>) => boolean) => Promise<void>
}

async function serve(flags: readonly string[], use: (service: Service) => Promise<void>): Promise<number> {
  const started = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  let [output, errors] = ['', '']
  let reload = () => {}
  const served = runCli(['serve', 'docs', '--port', '0', '--log-level', 'silent', ...flags], {
    stdout: {
      write: (text) => {
        output += text
        if (output.includes('Stop with')) started.resolve()
      },
    },
    stderr: {
      write: (text) => {
        errors += text
      },
    },
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
  const readyz = async () => (await (await fetch(`${url}/readyz`)).json()) as Record<string, unknown>
  const body = JSON.stringify({
    subject: { type: 'User', id: 'u' },
    action: { name: 'read' },
    resource: { type: 'Doc', id: 'd' },
  })
  try {
    await use({
      output,
      errors,
      readyz,
      decide: async () => {
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`${url}/decide`, { method: 'POST', headers, body })
        return ((await response.json()) as { readonly decision?: unknown }).decision ?? response.status
      },
      reloadUntil: async (isSo) => {
        reload()
        // It holds nobody up who does the work.
        while (!isSo(await readyz())) await pause(50)
      },
    })
  } finally {
    done.resolve()
  }
  return served
}

const isDegraded = ({ checks }: Record<string, unknown>) => JSON.stringify(checks).includes('degraded')
const isWhole = (readyz: Record<string, unknown>) => !isDegraded(readyz)

/** What is refused before anything listens. */
async function checkRefused(flags: readonly string[], code: number, message: RegExp): Promise<void> {
  const run = await workspace.run(['serve', 'docs', '--port', '0', ...flags])
  expect([run.code, run.stderr]).toEqual([code, expect.stringMatching(message)])
}

describe('edict serve with folders', () => {
  it('keeps deciding through a bad reload, and starts with what loaded last', async () => {
    const flags = ['--state-dir', 'state', '--reload-poll-seconds', '0']
    workspace.write({ 'docs/data/d.json': JSON.stringify({ entities: [{ type: 'Doc', id: 'd' }] }) })
    let number: unknown
    await serve(flags, async ({ decide, readyz, reloadUntil, output }) => {
      expect(output).not.toMatch(/^warning/m)
      const before = await readyz()
      workspace.write({ 'docs/p.edict': BROKEN })
      await reloadUntil(isDegraded)
      const after = await readyz()
      expect(after).toMatchObject({
        status: 'ready',
        policyVersion: before.policyVersion,
        policyNumber: before.policyNumber,
        detail: expect.stringMatching(
          /does not load.* an error, the first at p\.edict:3:18 \(unknown-action\)$/,
        ),
      })
      expect(await decide()).toBe('allow')
      workspace.write({ 'docs/p.edict': CLOSED })
      await reloadUntil(isWhole)
      expect(await decide()).toBe('deny')
      number = (await readyz()).policyNumber
      expect(number).toBeGreaterThan(before.policyNumber as number)
    })
    workspace.write({ 'docs/p.edict': BROKEN })
    await serve(flags, async ({ decide, readyz, output, errors }) => {
      expect(output).toMatch(/^warning +what is there does not load: these are the policies and data of 20/m)
      expect(errors).toMatch(/has no action or group `raed`/)
      expect(errors).toMatch(/^starting with the policies and data that loaded last/m)
      const readiness = await readyz()
      expect([await decide(), readiness.policyNumber, isDegraded(readiness)]).toEqual(['deny', number, true])
    })
    renameSync(join(workspace.directory, 'docs'), join(workspace.directory, 'away'))
    const code = await serve(flags, async ({ decide, readyz, errors }) => {
      expect(errors).toMatch(/^error: there is no folder .*docs$/m)
      expect(await readyz()).toMatchObject({
        counts: { dataFiles: 1 },
        detail: expect.stringMatching(/cannot be read$/),
      })
      expect(await decide()).toBe('deny')
    })
    expect(code).toBe(0)
  })

  it('refuses what could not be kept current, or not be kept safely', async () => {
    const old = ['--max-staleness-seconds', '5']
    await checkRefused([...old, '--reload-poll-seconds', '0'], 2, /nobody looks .* give `reloadPollSeconds`/)
    await checkRefused(old, 2, /`maxStalenessSeconds` must be more than `reloadPollSeconds`/)
    mkdirSync(join(workspace.directory, 'open'))
    chmodSync(join(workspace.directory, 'open'), 0o777)
    await checkRefused(['--state-dir', 'open'], 2, /`stateDir`: .*open may be written by others/)
  })

  it('does not start with what was tampered with, nor without anything that loads', async () => {
    workspace.write({ 'docs/p.edict': BROKEN })
    await checkRefused(['--state-dir', 'state'], 1, /docs does not load: 1 error\n$/)
    writeFileSync(join(workspace.directory, 'state', 'last-good'), '{}')
    await checkRefused(['--state-dir', 'state'], 2, /last-good is not what was written there: delete it/)
    rmSync(join(workspace.directory, 'state'), { recursive: true })
    rmSync(join(workspace.directory, 'docs'), { recursive: true })
    await checkRefused(['--state-dir', 'state'], 1, /there is no folder/)
  })
})
