import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'

const POLICY = `
subject User in Team
entity Team
resource Doc { owner?: User  actions read }
role viewer { can read on Doc }
`
const DATA = {
  entities: [
    { type: 'User', id: 'ann', parents: [{ type: 'Team', id: 'red' }] },
    { type: 'Doc', id: '__proto__', properties: { owner: 'ann' } },
  ],
  assignments: [
    { role: 'viewer', to: { type: 'Team', id: 'red' }, on: '*', expires: '2030-01-01' },
    { role: 'viewer', to: { type: 'Team', id: 'red' }, on: '*', expires: 1 },
  ],
}

let workspace: Workspace
beforeEach(() => {
  workspace = createWorkspace()
  workspace.write({ 'policies/p.edict': POLICY, 'facts/a.json': JSON.stringify(DATA) })
})
afterEach(() => workspace.remove())

const importing = ['store', 'import', 'facts', '--store', 'store.db', '--policies', 'policies']

describe('edict store import and export', () => {
  it('move entity data from a folder into a store and back', async () => {
    expect(await workspace.run(importing)).toEqual({
      code: 0,
      stdout: 'store.db: 2 entities, 1 assignment\n',
      stderr: '',
    })
    const { code, stdout } = await workspace.run(['store', 'export', '--store', 'store.db'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      entities: [
        { ...DATA.entities[1], parents: [] },
        { ...DATA.entities[0], properties: {} },
      ],
      assignments: [DATA.assignments[0]],
    })
    const again = await workspace.run(importing)
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('holds entity data already') })
  })

  it('refuse data that does not fit, and make no store of it', async () => {
    workspace.write({ 'facts/b.json': '{"assignments":[{"role":"vewer","to":"*","on":"*"}]}' })
    const refused = await workspace.run(importing)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean `viewer`?') })
    expect(await workspace.run(['store', 'export', '--store', 'store.db'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no entity store'),
    })
    expect(await workspace.run(['store', 'export'])).toMatchObject({ code: 2 })
  })
})

describe('edict decide', () => {
  it('asks the store of the configuration', async () => {
    await workspace.run(importing)
    workspace.write({ 'edict.config.json': '{"policies": "policies", "entityStore": "store.db"}' })
    const ask = (id: string) =>
      workspace.run([
        'decide',
        '--subject',
        `User::"${id}"`,
        '--action',
        'read',
        '--resource',
        'Doc::"d"',
        '--now',
        '2027-01-01',
      ])
    expect(await ask('ann')).toMatchObject({ code: 0 })
    expect(await ask('eve')).toMatchObject({ code: 1 })
    workspace.write({ 'policies/p.edict': POLICY.replace('User in Team', 'User') })
    expect(await ask('ann')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('store.db does not fit'),
    })
  })
})

describe('edict serve --entity-store', () => {
  it('does not start beside a folder of data, without callers, or where rows do not fit', async () => {
    const serve = (...more: readonly string[]) =>
      workspace.run(['serve', 'policies', '--port', '0', '--entity-store', 'store.db', ...more])
    expect(await serve('--data', 'facts')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /`entityStore` and `data` are both given[\s\S]*callers are not authenticated/,
      ),
    })
    await workspace.run(importing)
    await workspace.run(['keys', 'create', 'root', '--file', 'keys.json', '--scopes', 'admin'])
    workspace.write({ 'policies/p.edict': POLICY.replace('User in Team', 'User') })
    expect(await serve('--key-file', 'keys.json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        '1 row of the entity store would not fit the policies\n  User::"ann" parents[0]: ',
      ),
    })
  })
})
