import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, suite } from 'vitest'
import * as everything from './index.ts'
import * as programOnly from './program-api.ts'
import * as testing from './testing/index.ts'

/** Every exported name of an entry file, types included. */
function namesIn(entry: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, entry), 'utf8')
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
  return lists
    .flatMap(([, list = '']) => list.split(',').map((name) => name.replace('type ', '').trim()))
    .filter(Boolean)
}

suite('public API', () => {
  it('lists what can be called', () => {
    expect(Object.keys(everything).sort()).toEqual([
      'DIAGNOSTIC_CODES',
      'PolicyLangError',
      'assignmentKey',
      'changeContent',
      'changeEntityData',
      'createChangeCheck',
      'createPolicyLoader',
      'createPolicySet',
      'createStoreFiller',
      'findRule',
      'formatPolicy',
      'listEntityData',
      'loadEntityData',
      'loadPolicySet',
      'loadProgram',
      'locate',
      'renderDiagnostic',
      'ruleAt',
      'ruleCount',
      'serializeProgram',
      'suggestName',
    ])
    expect(Object.keys(programOnly).sort()).toEqual([
      'PolicyLangError',
      'assignmentKey',
      'changeContent',
      'changeEntityData',
      'createChangeCheck',
      'createPolicySet',
      'createStoreFiller',
      'findRule',
      'listEntityData',
      'loadEntityData',
      'loadProgram',
      'ruleAt',
      'ruleCount',
      'serializeProgram',
    ])
    expect(Object.keys(testing)).toEqual(['runTests'])
  })

  it('holds every name of "./program" in the main entry too', () => {
    const main = new Set(namesIn('index.ts'))
    expect(main.size).toBeGreaterThan(50)
    expect(namesIn('program-api.ts').filter((name) => !main.has(name))).toEqual([])
  })

  it('re-exports no star: every name stands in the list', () => {
    for (const entry of ['index.ts', 'program-api.ts', 'testing/index.ts', 'testing/arbitraries.ts']) {
      expect(readFileSync(join(import.meta.dirname, entry), 'utf8')).not.toContain('export *')
    }
  })
})
