import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPdp } from './decide/pdp.ts'
import { loadState } from './load-state.ts'
import { DATA, eve, open, POLICY } from './test-support/service.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edict-state-'))
  mkdirSync(join(root, 'data'))
  writeFileSync(join(root, 'policy.edict'), POLICY)
})
afterEach(() => rmSync(root, { recursive: true }))

const load = () => loadState({ policies: root, data: join(root, 'data'), dataNamePrefix: 'data/' })
const writeData = (name: string, content: unknown) =>
  writeFileSync(join(root, 'data', name), typeof content === 'string' ? content : JSON.stringify(content))

describe('loadState', () => {
  it('loads policies and data, and counts them', () => {
    writeData('a.json', { entities: DATA.entities })
    writeData('b.json', { assignments: DATA.assignments })
    const { state, diagnostics, dataProblems } = load()
    expect([diagnostics, dataProblems]).toEqual([[], []])
    expect(state?.counts).toEqual({
      policyFiles: 1,
      rules: 5,
      roles: 1,
      dataFiles: 2,
      entities: 3,
      assignments: 1,
    })
    const write = { subject: eve, action: { name: 'write' }, resource: open }
    expect(
      createPdp(state && { state })
        .begin()
        .decide(write).decision,
    ).toBe('allow')
  })

  it('loads policies alone', () => {
    const { state } = loadState({ policies: root })
    expect(state?.entities).toBeUndefined()
    expect(state?.counts).toMatchObject({ entities: 0, dataFiles: 0 })
  })

  it('gives diagnostics instead of a state', () => {
    writeFileSync(join(root, 'more.edict'), 'rule r: allow fly on Doc')
    const { state, diagnostics } = load()
    expect(state).toBeUndefined()
    expect(diagnostics).toMatchObject([{ code: 'unknown-action', span: { file: 'more.edict' } }])
  })

  it.each<[string, unknown, string]>([
    ['no JSON', '{"entities": [', '$'],
    ['a member twice', '{"entities": [{"type": "User", "id": "a", "id": "b"}]}', '$.entities[0].id'],
    ['an unknown role', { assignments: [{ role: 'king', to: '*', on: '*' }] }, '$.assignments[0].role'],
    ['no object', [], '$'],
  ])('refuses data with %s, and says where', (_, content, path) => {
    writeData('a.json', content)
    writeData('b.json', { entities: DATA.entities })
    const { state, dataProblems } = load()
    expect(state).toBeUndefined()
    expect(dataProblems).toMatchObject([{ file: 'data/a.json', path }])
  })
})
