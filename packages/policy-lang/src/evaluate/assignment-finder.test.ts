import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { ask, buildProgram, entityType, role, rule, storeOf } from './fixtures.ts'
import { linkProgram } from './link.ts'

const team = (id: string) => ({ type: 'Team', id })

const types = [
  entityType('User', { parents: ['Team'] }),
  entityType('Team', { parents: ['Team'] }),
  entityType('Document', { actions: ['read'] }),
]
const rules = [rule('a', 'allow', { to: [{ kind: 'role', role: 'reader' }] })]
const request = ask({ subject: { type: 'User', id: 'ann' } })

describe('createAssignmentFinder', () => {
  it('finds the same assignments in every decision, those of policy and store', () => {
    const assignment = { role: 'reader', to: { type: 'User', id: 'ann' }, on: '*' } as const
    const entities = [{ type: 'User', id: 'ann' }]
    const inPolicy = linkProgram(
      buildProgram({ types, rules, roles: [role('reader')], assignments: [assignment] }),
    )
    const inStore = linkProgram(buildProgram({ types, rules, roles: [role('reader')] }))
    const assignments = [assignment]
    const store = {
      ...storeOf({ entities }),
      assignmentsOn: (on: unknown) => (on === '*' ? assignments : []),
    }
    for (let count = 0; count < 3; count++) {
      expect(decide(inPolicy, request, { entities: storeOf({ entities }) }).decision).toBe('allow')
      expect(decide(inStore, request, { entities: store }).decision).toBe('allow')
    }
    const next = { ...store, version: 'next', assignmentsOn: () => [] }
    expect(decide(inStore, request, { entities: next }).decision).toBe('deny')
  })

  it('comes to an end where the groups of the subject form a circle', () => {
    const entities = [
      { type: 'User', id: 'ann', parents: [team('a')] },
      { ...team('a'), parents: [team('b')] },
      { ...team('b'), parents: [team('a')] },
    ]
    const linked = linkProgram(buildProgram({ types, rules, roles: [role('reader')] }))
    const to = (id: string) => ({ role: 'reader', to: team(id), on: '*' }) as const
    const decisionFor = (id: string) =>
      decide(linked, request, { entities: storeOf({ entities, assignments: [to(id)] }) })
    expect(decisionFor('b').decision).toBe('allow')
    expect(decisionFor('c').reasons).toEqual([{ builtin: 'default' }])
  })
})
