import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readApiKey } from '../authentication/api-key.ts'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'

let workspace: Workspace
beforeEach(() => {
  workspace = createWorkspace()
})
afterEach(() => workspace.remove())

const run = (line: string, env = {}) => workspace.run(['keys', ...line.split(' ')], { env })
const list = async () => JSON.parse((await run('list --file k.json --json')).stdout).keys

describe('edict keys', () => {
  it('shows a key once, alone on standard output', async () => {
    const { code, stdout, stderr } = await run('create web --file k.json --scopes decide,explain')
    expect([code, readApiKey(stdout.trim())]).toEqual([0, expect.objectContaining({ environment: 'live' })])
    expect(stderr).toMatch(/may: decide, explain\.\nIt expires at .*\nIt is shown this once/)
    const all = await run('list --file k.json')
    expect(all.stdout).toMatch(
      /^ID +NAME .*\n\S{12} {2}web {3}live +decide,explain {2}valid +\d{4}-.* never\n$/,
    )
    const secret = stdout.trim().slice(-49)
    for (const text of [stderr, all.stdout, workspace.read('k.json'), JSON.stringify(await list())]) {
      expect(text).not.toContain(secret)
    }
    expect((await list())[0]).not.toHaveProperty('hash')
  })

  it('rotates and revokes', async () => {
    await run('create web --file k.json')
    expect((await run('rotate web --file k.json --grace 1h')).stderr).toMatch(
      /The old key, \S{12}, counts until/,
    )
    const [old, next] = await list()
    expect([old.status, next.status, next.scopes]).toEqual(['valid', 'valid', ['decide']])
    const revoked = await run(`revoke ${old.id} --file k.json`)
    expect(revoked).toMatchObject({ code: 0, stdout: `revoked ${old.id} of web\n` })
    expect((await list()).map(({ status }: { status: string }) => status)).toEqual(['revoked', 'valid'])
  })

  it('finds the file and the environment in the configuration', async () => {
    const env = { EDICT_KEY_FILE: 'k.json', EDICT_KEY_ENVIRONMENT: 'test' }
    const { stdout } = await run('create web', env)
    expect(stdout).toMatch(/^edict_test_/)
    expect((await list())[0]).toMatchObject({ environment: 'test' })
  })

  it.each([
    ['create web', /name the key file with --file, or configure `keyFile`/],
    ['create --file k.json -- --x', /a name has letters/],
    ['create __proto__ --file k.json', /a name has letters/],
    ['create web --file k.json --scopes root', /--scopes must name some of decide, search, explain, admin/],
    ['create web --file k.json --scopes ,', /--scopes must name/],
    ['create web --file k.json --expires soon', /such as 30m, 24h or 90d/],
    ['create web --file k.json --expires 0d', /is not in the future/],
    ['create web --file k.json --expires 2020-01-01', /is not in the future/],
    ['create web --file k.json --expires 2199-02-31', /there is no date 2199-02-31/],
    ['create web --file k.json --environment LIVE', /an environment has lower-case/],
    ['rotate web --file k.json', /web has no valid key/],
    ['revoke web --file k.json', /there is no key to revoke/],
    ['list --file k.json', /there is no file/],
    ['list --file .', /is a folder/],
  ])('refuses %s', async (line, message) => {
    const { code, stdout, stderr } = await run(line)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })
})
