// The whole service with a store, as `edict serve` starts it.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'

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

it('writes, decides by what was written, and tells who changed what', async () => {
  const keyOf = async (name: string, scopes: string): Promise<string> => {
    const made = await workspace.run(['keys', 'create', name, '--file', 'keys.json', '--scopes', scopes])
    return made.stdout.trim()
  }
  const [admin, reader] = [await keyOf('root', 'admin,decide'), await keyOf('app', 'decide')]
  const stop = Promise.withResolvers<void>()
  const listening = Promise.withResolvers<string>()
  const running = workspace.run(
    [
      'serve',
      'policies',
      '--port',
      '0',
      '--key-file',
      'keys.json',
      '--entity-store',
      'store.db',
      '--reload-poll-seconds',
      '0',
      '--decision-log',
      'file',
      '--decision-log-file',
      'log',
      '--audit',
      'required',
    ],
    {
      stopped: () => stop.promise,
      onOutput: (output) => {
        const [, url] = /^listening (\S+)/m.exec(output) ?? []
        if (url !== undefined) listening.resolve(url)
      },
    },
  )
  running.then(({ stderr }) => listening.reject(new Error(stderr)))
  const url = await listening.promise
  const send = async (method: string, path: string, key: string | undefined, body?: unknown) => {
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
  }
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
  stop.resolve()
  expect(await running).toMatchObject({ code: 0 })
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
