import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { openDirectory, openLastGood } from './open-directory.ts'
import { ticks } from './ticks.ts'

const POLICY = 'subject User\nresource Doc { actions read }\nrule open: allow read on Doc\n'

let root: string
let stateDir: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edict-open-'))
  stateDir = join(root, 'state')
  for (const folder of ['state', 'p', 'p/data']) mkdirSync(join(root, folder))
  writeFileSync(join(root, 'p', 'a.edict'), POLICY)
  writeFileSync(join(root, 'p', 'data', 'd.json'), '{"entities": [{"type": "User", "id": "ann"}]}')
})
afterEach(() => rmSync(root, { recursive: true }))

suite('openLastGood', () => {
  it('gives what loaded last, be it that nothing else is there', () => {
    const folders = { policies: join(root, 'p'), data: join(root, 'p', 'data') }
    expect(openLastGood(folders, stateDir)).toBeUndefined()
    const opened = openDirectory(folders, stateDir)
    expect(opened.loaded.state?.counts).toMatchObject({ rules: 1, entities: 1 })
    // It may yet be refused.
    expect(openLastGood(folders, stateDir)).toBeUndefined()
    opened.keep?.()
    writeFileSync(join(root, 'p', 'a.edict'), 'rule')
    expect(openDirectory(folders, stateDir).loaded.state).toBeUndefined()
    expect(openLastGood(folders, stateDir)?.loaded.state?.counts).toMatchObject({ rules: 1, entities: 1 })
    rmSync(join(root, 'p'), { recursive: true })
    expect(() => openDirectory(folders, stateDir)).toThrow(/there is no folder/)
    // The folder of data within the one that is away is followed too, though nobody named it.
    const kept = openLastGood({ policies: join(root, 'p') }, stateDir)
    expect(kept).toMatchObject({ folders, loaded: { state: { counts: { entities: 1 } } } })
    expect(openLastGood({ policies: join(root, 'other') }, stateDir)).toBeUndefined()
  })

  it('is as old as it was kept', () => {
    const folders = { policies: join(root, 'p') }
    const opened = openDirectory(folders, stateDir)
    opened.keep?.()
    const kept = openLastGood(folders, stateDir)
    expect(opened.checkedAt).toBeLessThanOrEqual(ticks())
    expect(kept?.checkedAt).toBeLessThanOrEqual(ticks())
    expect(kept?.texts).toBeUndefined()
    expect(Date.parse(kept?.keptAt ?? '')).toBeLessThanOrEqual(Date.now())
  })
})
