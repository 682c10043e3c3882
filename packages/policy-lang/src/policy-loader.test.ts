import { expect, it, suite } from 'vitest'
import type { SourceFile } from './diagnostics/span.ts'
import { createPolicyLoader, loadPolicySet, type PolicyLoader } from './load-policy-set.ts'
import { serializeProgram } from './program/serialize.ts'

const TYPES = 'subject User\nresource Doc { owner: User  actions read, write }\n'
const READ = 'rule read: allow read on Doc if resource.owner == subject\n'
const WRITE = 'rule write: allow write on Doc if resource.owner == subject\n'

/** The loader gives what loading afresh gives. */
function checkLoad(loader: PolicyLoader, sources: Readonly<Record<string, string>>): void {
  const files: readonly SourceFile[] = Object.entries(sources).map(([name, text]) => ({ name, text }))
  const [again, afresh] = [loader.load(files), loadPolicySet(files)]
  expect(again.diagnostics).toEqual(afresh.diagnostics)
  expect(again.policySet && serializeProgram(again.policySet.program)).toBe(
    afresh.policySet && serializeProgram(afresh.policySet.program),
  )
  expect(again.policySet?.tests).toEqual(afresh.policySet?.tests)
}

suite('createPolicyLoader', () => {
  it('gives what loading afresh gives, however sources change', () => {
    const loader = createPolicyLoader()
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': READ })
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': READ })
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': READ, 'c.edict': WRITE })
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': 'rule read: allow read on Dco' })
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': 'rule read allow' })
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': 'rule read allow' })
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': READ })
    checkLoad(loader, { 'a.edict': TYPES.replace('owner: User', 'owner: String'), 'b.edict': READ })
    checkLoad(loader, { 'renamed.edict': TYPES, 'b.edict': READ })
    checkLoad(loader, { 'a.edict': READ, 'b.edict': TYPES })
    checkLoad(loader, {})
    checkLoad(loader, { 'a.edict': `${TYPES}${READ}${WRITE}` })
  })

  it('tells sources of one name apart by their text', () => {
    const loader = createPolicyLoader()
    const twice = [
      { name: 'a.edict', text: TYPES },
      { name: 'a.edict', text: READ },
    ]
    expect(loader.load(twice)).toEqual(loadPolicySet(twice))
    checkLoad(loader, { 'a.edict': TYPES, 'b.edict': READ })
  })
})
