import { expect, it, suite } from 'vitest'
import { loadPolicySet } from './load-policy-set.ts'
import type { DecisionRequest } from './model/request.ts'
import type { PolicySet } from './policy-set.ts'

const TYPES =
  'subject User\nresource Doc { kind: String  actions read, write }\nrole reader { can write on Doc }\n'
/** More rules than are written out, each behind a value of its own. */
const CROWD = Array.from(
  { length: 1200 },
  (_, at) => `rule r${at}: allow read on Doc if resource.kind == "k${at}"`,
)

function load(rules = CROWD): PolicySet {
  const { policySet } = loadPolicySet([{ name: 'test.edict', text: TYPES + rules.join('\n') }])
  if (policySet === undefined) throw new Error('the policy does not load')
  return policySet
}

const ask = (kind: string): DecisionRequest => ({
  subject: { type: 'User', id: 'ann' },
  action: { name: 'read' },
  resource: { type: 'Doc', id: 'd', properties: { kind } },
})
const READING = { resourceType: 'Doc', action: 'read', subjectType: 'User', isByRole: false, age: 0 }

suite('PolicySet.prepare', () => {
  it('goes on with what the policy set before was asked about, in many steps, and changes no answer', () => {
    const before = load()
    const answers = ['k7', 'k1199', 'none'].map((kind) => before.decide(ask(kind)))
    expect(before.inUse()).toEqual([READING])
    const next = load()
    expect([...next.prepare(before.inUse())].length).toBeGreaterThan(2)
    expect(['k7', 'k1199', 'none'].map((kind) => next.decide(ask(kind)))).toEqual(answers)
  })

  it('decides between any two steps as ever', () => {
    const before = load()
    before.decide(ask('k7'))
    const next = load()
    for (const _ of next.prepare(before.inUse())) {
      expect([next.decide(ask('k1100')).decision, next.decide(ask('k1200')).decision]).toEqual([
        'allow',
        'deny',
      ])
    }
  })

  it('remembers what is not asked for some policy sets, whether they were made ready or not, then no more', () => {
    let kinds = [READING]
    const ages: (number | undefined)[] = []
    for (let count = 0; count < 10; count++) {
      const next = load([])
      if (count % 2 === 0) for (const _ of next.prepare(kinds));
      else next.prepare(kinds)[Symbol.iterator]().next()
      kinds = next.inUse() as typeof kinds
      ages.push(kinds[0]?.age)
    }
    expect(ages.slice(0, 2)).toEqual([1, 2])
    expect(ages.at(-1)).toBeUndefined()
    const again = load([])
    for (const _ of again.prepare([{ ...READING, age: 5 }]));
    again.decide(ask('k1'))
    expect(again.inUse()).toEqual([READING])
  })

  it('passes over what the policy set no longer knows', () => {
    const kinds = [{ ...READING, resourceType: '__proto__' }, { ...READING, action: 'sing' }, READING]
    const next = load()
    for (const _ of next.prepare(kinds));
    expect(next.decide(ask('k1')).decision).toBe('allow')
  })

  it('goes on with questions that roles alone answer', () => {
    const { policySet: before } = loadPolicySet([{ name: 'a.edict', text: TYPES }])
    const { policySet: next } = loadPolicySet([{ name: 'a.edict', text: TYPES }])
    const byRole = {
      subject: { type: 'User', id: 'ann', roles: ['reader'] },
      resource: { type: 'Doc', id: 'd' },
    }
    const writing = { ...byRole, action: { name: 'write' } }
    const answer = before?.decide(writing)
    const kinds = before?.inUse() ?? []
    expect(kinds).toEqual([{ ...READING, action: 'write', isByRole: true }])
    for (const _ of next?.prepare(kinds) ?? []);
    expect([answer?.decision, next?.decide(writing)]).toEqual(['allow', answer])
  })
})
