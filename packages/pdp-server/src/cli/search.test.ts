import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Workspace } from '../test-support/cli.ts'
import { DATA, POLICY } from '../test-support/service.ts'

let workspace: Workspace
beforeAll(() => {
  workspace = createWorkspace()
  workspace.write({ 'docs/policy.edict': POLICY, 'docs/data/all.json': JSON.stringify(DATA) })
  workspace.write({ 'bad/policy.edict': 'rule r: allow fly on Doc' })
})
afterAll(() => workspace.remove())

const search = (...flags: string[]) => workspace.run(['search', '--policies', 'docs', ...flags])
const ann = ['--subject', 'User::"ann"']
const open = ['--resource', 'Doc::open']

describe('edict search', () => {
  it.each([
    ['resources', [...ann, '--action', 'read', '--resource', 'Doc'], 'Doc::"open"\nDoc::"shut"\n'],
    ['subjects', ['--subject', '"User"', '--action', 'read', ...open], 'User::"ann"\n'],
    ['actions', [...ann, ...open, '--now', '2019-01-01'], 'delete\nexport\nread\nwrite\n'],
    ['actions at another time', [...ann, ...open, '--now', '2021-01-01'], 'export\nread\nwrite\n'],
  ])('lists %s', async (_, flags, expected) => {
    expect(await search(...flags)).toEqual({ code: 0, stdout: expected, stderr: '' })
  })

  it('says so by its exit code where nothing is found', async () => {
    expect(await search(...ann, '--action', 'fly', '--resource', 'Doc')).toEqual({
      code: 1,
      stdout: '',
      stderr: '',
    })
    const flags = [...ann, '--action', 'read', '--resource', 'Ship', '--json']
    expect(await search(...flags)).toEqual({ code: 1, stdout: '{\n  "results": []\n}\n', stderr: '' })
  })

  it('prints JSON', async () => {
    const { stdout } = await search(
      '--subject',
      'User',
      '--action',
      'read',
      '--resource',
      'Doc::shut',
      '--json',
    )
    expect(JSON.parse(stdout)).toEqual({ results: [{ type: 'User', id: 'ann' }] })
  })

  it.each<[string, string[], RegExp]>([
    ['no subject', open, /both --subject and --resource/],
    ['nothing left open', [...ann, '--action', 'read', ...open], /nothing is left open.*edict decide/],
    [
      'both sides left open',
      ['--subject', 'User', '--action', 'read', '--resource', 'Doc'],
      /only one can be looked for/,
    ],
    ['a type without an action', [...ann, '--resource', 'Doc'], /to look for actions/],
    ['a type that is none', [...ann, '--action', 'read', '--resource', ''], /--resource must be a type/],
    ['a context that is none', [...ann, ...open, '--context', '[]'], /--context: must be a JSON object/],
    ['a clock in the context', [...ann, ...open, '--context', '{"now": 0}'], /context\.now/],
    ['a time that is none', [...ann, ...open, '--now', 'later'], /--now must be a time/],
    ['policies that do not load', [...ann, ...open, '--policies', 'bad'], /bad does not load/],
  ])('refuses %s', async (_, flags, message) => {
    const { code, stdout, stderr } = await search(...flags)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })
})
