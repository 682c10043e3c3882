// The whole service with a store, as `edict serve` starts it.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type CliRun, createWorkspace, type Workspace } from '../test-support/cli.ts'

const POLICY = `
subject User
resource Doc { actions read }
role viewer { can read on Doc }
`
const SECRET = `edict_live_${'a'.repeat(61)}`

let workspace: Workspace
beforeEach(() => {
  workspace = createWorkspace()
  workspace.write({ 'policies/p.edict': POLICY })
})
afterEach(() => workspace.remove())

const keyOf = async (name: string, scopes: string): Promise<string> => {
  const made = await workspace.run(['keys', 'create', name, '--file', 'keys.json', '--scopes', scopes])
  return made.stdout.trim()
}

interface Served {
  readonly url: string
  readonly stop: () => Promise<CliRun>
  readonly send: (
    method: string,
    path: string,
    key: string | undefined,
    body?: unknown,
  ) => Promise<{
    readonly status: number
    readonly json: Record<string, unknown>
    readonly headers: Headers
  }>
}

async function serve(flags: readonly string[]): Promise<Served> {
  const stop = Promise.withResolvers<void>()
  const listening = Promise.withResolvers<string>()
  const common = ['--port', '0', '--key-file', 'keys.json', '--entity-store', 'store.db']
  const running = workspace.run(['serve', 'policies', ...common, '--reload-poll-seconds', '0', ...flags], {
    stopped: () => stop.promise,
    onOutput: (output) => {
      const [, url] = /^listening (\S+)/m.exec(output) ?? []
      if (url !== undefined) listening.resolve(url)
    },
  })
  running.then(({ stderr }) => listening.reject(new Error(stderr)))
  const url = await listening.promise
  return {
    url,
    stop: () => {
      stop.resolve()
      return running
    },
    send: async (method, path, key, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return {
        status: response.status,
        json: (await response.json()) as Record<string, unknown>,
        headers: response.headers,
      }
    },
  }
}

it('writes, decides by what was written, and tells who changed what', async () => {
  const [admin, reader] = [await keyOf('root', 'admin,decide'), await keyOf('app', 'decide')]
  const log = ['--decision-log', 'file', '--decision-log-file', 'log', '--audit', 'required']
  const { url, send, stop } = await serve(log)
  const ann = { type: 'User', id: 'ann' }
  const assignment = { role: 'viewer', to: ann, on: { type: 'Doc', id: SECRET } }
  expect((await send('PUT', '/assignments', undefined, assignment)).status).toBe(401)
  expect((await send('PUT', '/assignments', reader, assignment)).status).toBe(403)
  expect((await send('GET', '/assignments', reader)).status).toBe(403)
  const given = await send('PUT', '/assignments', admin, assignment)
  expect(given.status).toBe(201)
  const question = { subject: ann, action: { name: 'read' }, resource: assignment.on }
  const number = given.headers.get('edict-data-number') ?? ''
  const decided = await fetch(`${url}/decide`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${reader}`,
      'content-type': 'application/json',
      'edict-min-data-number': number,
    },
    body: JSON.stringify(question),
  })
  expect(await decided.json()).toMatchObject({ decision: 'allow' })
  expect((await send('GET', '/readyz', undefined)).json).toMatchObject({
    checks: expect.arrayContaining([expect.objectContaining({ name: 'entityStore', status: 'ok' })]),
  })
  expect(await stop()).toMatchObject({ code: 0 })
  const [line = ''] = workspace.read('log').split('\n')
  expect(JSON.parse(line)).toEqual({
    event: 'data',
    time: expect.any(String),
    caller: 'key:root',
    dataNumber: Number(number),
    dataVersion: expect.stringMatching(/^[0-9a-f]{64}$/),
    changeCount: 1,
    changes: [{ change: 'assign', assignment: { ...assignment, on: { type: 'Doc', id: '[hidden]' } } }],
  })
  const exported = await workspace.run(['store', 'export', '--store', 'store.db'])
  expect(JSON.parse(exported.stdout)).toEqual({ entities: [], assignments: [assignment] })
})

it('starts with the policies that were in place last where those that are there do not fit the rows', async () => {
  const admin = await keyOf('root', 'admin,decide')
  const flags = ['--state-dir', 'state', '--log-level', 'silent']
  const [subject, resource] = [
    { type: 'User', id: 'ann' },
    { type: 'Doc', id: 'd' },
  ]
  const first = await serve(flags)
  const given = await first.send('PUT', '/assignments', admin, { role: 'viewer', to: subject, on: resource })
  expect(given.status).toBe(201)
  await first.stop()
  workspace.write({ 'policies/p.edict': POLICY.replace('viewer', 'reader') })
  const { send, stop } = await serve(flags)
  const question = { subject, action: { name: 'read' }, resource }
  expect((await send('POST', '/decide', admin, question)).json).toMatchObject({ decision: 'allow' })
  expect((await send('GET', '/readyz', undefined)).json).toMatchObject({
    detail: expect.stringMatching(/1 row of the entity store would not fit the policies/),
  })
  expect(await stop()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^warning +what is there does not load: these are the policies/m),
    stderr: expect.stringMatching(/^error: 1 row of .*\nstarting with the policies and data/m),
  })
  // They must not take their place on disk either.
  expect(workspace.read('state/last-good')).toContain('viewer')
})
