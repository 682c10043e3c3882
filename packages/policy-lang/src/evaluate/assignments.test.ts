import { describe, expect, it } from 'vitest'
import { loadEntityData } from '../entities/load-entity-data.ts'
import type { AssignmentRecord, EntityStore } from '../model/entity-data.ts'
import type { DecisionRequest } from '../model/request.ts'
import { compileText } from '../testing/compile-text.ts'
import { decide } from './decide.ts'
import { storeOf } from './fixtures.ts'
import { linkProgram } from './link.ts'

const program = compileText(`
  subject User in Team
  entity Team in Team
  resource Document { actions read }
  role r
  role editor
  rule a: allow read on Document to r
`)
const document = { type: 'Document', id: 'd' }
const team = (id: string) => ({ type: 'Team', id })
const ask = (subject: DecisionRequest['subject']): DecisionRequest => ({
  subject,
  action: { name: 'read' },
  resource: document,
})
const toOthers: readonly AssignmentRecord[] = Array.from({ length: 1000 }, (_, index) => ({
  role: 'r',
  to: { type: 'User', id: `${index}` },
  on: '*',
}))

/** Asks among a thousand assignments to others. */
function holds(
  one: Partial<AssignmentRecord>,
  subject: DecisionRequest['subject'],
  more: readonly AssignmentRecord[] = [],
): boolean | 'failed' {
  const assignments = [...toOthers, { role: 'r', to: '*', on: '*', ...one } as AssignmentRecord, ...more]
  const entities = [{ ...team('t'), parents: [team('top')] }, team('top')]
  const { store } = loadEntityData(program, [{ name: 'data', data: { entities, assignments } }])
  const answer = decide(linkProgram(program), ask(subject), store ? { entities: store } : {})
  return answer.decision === 'allow' ? true : answer.errorCount === 0 ? false : 'failed'
}

const ann = { type: 'User', id: 'ann', parents: [team('t')] }

describe('createAssignmentFinder among many assignments', () => {
  const holders = { role: 'editor', on: document }
  it.each<[string, Partial<AssignmentRecord>, DecisionRequest['subject'], boolean | 'failed']>([
    ['finds none of others', { to: { type: 'User', id: 'x' } }, ann, false],
    ['finds one to the subject', { to: { type: 'User', id: 'ann' } }, ann, true],
    ['finds one to a group', { to: team('t') }, ann, true],
    ['finds one to a group further up', { to: team('top') }, ann, true],
    ['finds one to the type', { to: { type: 'User' } }, ann, true],
    ['finds one to everyone', { to: '*' }, ann, true],
    [
      'finds one to the holders of a role',
      { to: holders },
      { ...ann, roles: [{ role: 'editor', on: document }] },
      true,
    ],
    ['finds none to holders who are others', { to: holders }, ann, false],
    [
      'finds one of unknown outcome where groups are unknown',
      { to: team('x') },
      { type: 'User', id: 'ann' },
      'failed',
    ],
    [
      'finds none where no group can be meant',
      { to: { type: 'User', id: 'x' } },
      { type: 'User', id: 'ann' },
      false,
    ],
    [
      'finds one of unknown outcome where a group further up is unknown',
      { to: team('x') },
      { ...ann, parents: [team('nobody')] },
      'failed',
    ],
  ])('%s', (_claim, one, subject, expected) => expect(holds(one, subject)).toBe(expected))

  it('decides within the budget however many there are', () => {
    const many = Array.from({ length: 300_000 }, (_, index) => ({
      role: 'r',
      to: { type: 'User', id: `${index}` },
      on: '*' as const,
    }))
    const store: EntityStore = { ...storeOf(), assignmentsOn: (on) => (on === '*' ? many : []) }
    const linked = linkProgram(program)
    const options = { entities: store, stepBudget: 100 }
    expect(decide(linked, ask({ type: 'User', id: '7', parents: [] }), options).decision).toBe('allow')
    expect(decide(linked, ask({ type: 'User', id: 'x', parents: [] }), options).reasons).toEqual([
      { builtin: 'default' },
    ])
  })

  it('comes to an end where the groups of the subject form a circle', () => {
    const entities = [
      { ...team('a'), parents: [team('b')] },
      { ...team('b'), parents: [team('a')] },
    ]
    const subject = { type: 'User', id: 'ann', parents: [team('a')] }
    const reasonsFor = (id: string) => {
      const rows: readonly AssignmentRecord[] = [...toOthers, { role: 'r', to: team(id), on: '*' }]
      return decide(linkProgram(program), ask(subject), {
        entities: storeOf({ entities, assignments: rows }),
      }).reasons
    }
    expect(reasonsFor('b')).toEqual([{ rule: 'a' }])
    expect(reasonsFor('c')).toEqual([{ builtin: 'default' }])
  })

  it('asks the store once for a scope, and reads rows once for as long as it gives the same', () => {
    let [asked, reads] = [0, 0]
    const rows = Object.assign([{ role: 'r', to: '*', on: '*' } as const], {
      *[Symbol.iterator](): IterableIterator<AssignmentRecord> {
        reads += 1
        yield { role: 'r', to: '*', on: '*' }
      },
    })
    const store: EntityStore = {
      ...storeOf(),
      assignmentsOn: (on) => {
        asked += 1
        return on === '*' ? rows : []
      },
    }
    const linked = linkProgram(
      compileText(`
      subject User
      resource Document { actions read }
      role r
      role s
      rule a: allow read on Document to s
      rule b: allow read on Document to r
    `),
    )
    for (const expected of [3, 6]) {
      expect(decide(linked, ask({ type: 'User', id: 'ann' }), { entities: store }).decision).toBe('allow')
      expect(asked).toBe(expected)
    }
    expect(reads).toBe(1)
  })

  it('reads rows anew when the store has another version', () => {
    const rows: AssignmentRecord[] = [{ role: 'r', to: '*', on: '*' }]
    const store = { ...storeOf(), assignmentsOn: (on: unknown) => (on === '*' ? rows : []) }
    const linked = linkProgram(program)
    expect(decide(linked, ask(ann), { entities: { ...store, version: '1' } }).decision).toBe('allow')
    rows.pop()
    rows.push({ role: 'editor', to: '*', on: '*' })
    expect(decide(linked, ask(ann), { entities: { ...store, version: '2' } }).decision).toBe('deny')
  })
})
