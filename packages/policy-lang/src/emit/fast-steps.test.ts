// The fast form counts its work like the reference, in a coarser way: what exhausts the budget is a deny to both.
import { describe, expect, it } from 'vitest'
import { loadPolicySet } from '../load-policy-set.ts'
import type { JsonValue } from '../model/request.ts'
import type { PolicySet } from '../policy-set.ts'

function load(text: string): PolicySet {
  const { policySet, diagnostics } = loadPolicySet([{ name: 'test.edict', text }])
  if (policySet === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return policySet
}

function ask(
  ofSubject: Readonly<Record<string, JsonValue>>,
  ofResource: Readonly<Record<string, JsonValue>>,
) {
  return {
    subject: { type: 'User', id: 'ann', properties: ofSubject },
    action: { name: 'read' },
    resource: { type: 'Doc', id: 'd', properties: ofResource },
  }
}

describe('steps of the fast form', () => {
  it('bound work whose measure takes more than 32 bits', () => {
    const policySet = load(`
      subject User { s: String }
      resource Doc { s: String  actions read }
      rule all: allow read on Doc
      rule no: deny read on Doc to User if subject.s.contains(resource.s)
    `)
    const answer = policySet.decide(ask({ s: 'ab'.repeat(2 ** 18) }, { s: `${'ba'.repeat(4095)}bb` }))
    expect([answer.decision, answer.reasons]).toEqual(['deny', [{ builtin: 'budgetExceeded' }]])
  })

  it.each([46_341, 65_536])('never give steps back to decisions that share them: %d elements', (count) => {
    const policySet = load(`
      subject User { set: Set<String> }
      resource Doc { set: Set<String>  actions read }
      rule no: allow read on Doc to User if subject.set.containsAll(resource.set)
    `)
    const list = (prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`)
    const sharedSteps = { left: 1_000_000 }
    const { decision } = policySet.decide(ask({ set: list('a') }, { set: list('b') }), { sharedSteps })
    expect(decision).toBe('deny')
    expect(sharedSteps.left).toBeLessThan(1_000_000)
  })

  it('deny what exhausts the budget of the reference by going through a set again and again', () => {
    const names = Array.from({ length: 90 }, (_, index) => `"z${index}"`).join(', ')
    const policySet = load(`
      subject User
      resource Doc { on: Bool  set: Set<String>  actions read }
      rule all: allow read on Doc if resource.on
      rule no: deny read on Doc if !resource.set.isEmpty if some q in [${names}]: q in resource.set
    `)
    const request = ask({}, { on: true, set: Array.from({ length: 30_000 }, (_, index) => `e${index}`) })
    const { reasons } = policySet.decide(request)
    expect(reasons).toEqual([{ builtin: 'budgetExceeded' }])
    expect(policySet.decide(request, { detail: 'full' }).reasons).toEqual(reasons)
  })
})

describe('the rule that an answer names', () => {
  it('does not rest on what was asked before', () => {
    const others = Array.from({ length: 80 }, (_, index) => `a${index}`)
    const text = `
      subject User
      resource Doc { n: Number  actions read, ${others.join(', ')} }
      role zed { can read on Doc }
      rule alpha: allow read on Doc if resource.n > 0
      rule beta: allow read on Doc if resource.n > 1
      ${others.map((name, index) => `rule ${name}: allow ${name} on Doc if ${'resource.n > 0 && '.repeat(index)}resource.n > 1`).join('\n')}
    `
    const [first, later] = [load(text), load(text)]
    const question = (name: string) => ({
      subject: { type: 'User', id: 'ann', roles: ['zed'] },
      action: { name },
      resource: { type: 'Doc', id: 'd', properties: { n: 5 } },
    })
    for (const name of others) later.decide(question(name))
    expect(later.decide(question('read')).reasons).toEqual(first.decide(question('read')).reasons)
  })
})
