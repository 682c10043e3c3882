import { describe, expect, it } from 'vitest'
import { changeEntityData } from '../entities/change-entity-data.ts'
import { loadEntityData } from '../entities/load-entity-data.ts'
import { loadPolicySet } from '../load-policy-set.ts'
import type { EntityStore } from '../model/entity-data.ts'
import type { PolicySet } from '../policy-set.ts'
import type { ReadAheadPlace } from './read-ahead.ts'

const POLICY = `
subject User in Team
entity Team in Team
resource Doc { isOpen: Bool  owner: User  actions read, write }
inherited role writer { can write on Doc }
rule open: allow read on Doc if resource.isOpen obligate watch(who: subject.id)
rule owners: allow write on Doc if resource.owner == subject
`

/** More documents than are read at once. */
const DOC_COUNT = 450

function load(docCount = DOC_COUNT) {
  const { policySet } = loadPolicySet([{ name: 'policy.edict', text: POLICY }])
  if (policySet === undefined) throw new Error('the policy does not load')
  const docs = Array.from({ length: docCount }, (_, at) => ({
    type: 'Doc',
    id: `d${at}`,
    properties: { isOpen: at % 2 === 0, owner: at % 3 === 0 ? 'ann' : 'bob' },
  }))
  const data = {
    entities: [
      { type: 'Team', id: 'all' },
      ...['ann', 'bob'].map((id) => ({ type: 'User', id, parents: [{ type: 'Team', id: 'all' }] })),
      ...docs,
    ],
    assignments: [{ role: 'writer', to: { type: 'Team', id: 'all' }, on: { type: 'Doc', id: 'd7' } }],
  }
  const { store } = loadEntityData(policySet.program, [{ name: 'data', data }])
  if (store === undefined) throw new Error('the data does not load')
  return { policySet, store }
}

/** The store, and how often each of its entities was asked for. */
function countReads(store: EntityStore) {
  const reads = new Map<string, number>()
  const counted: EntityStore = {
    ...store,
    entity: (ref) => {
      reads.set(`${ref.type} ${ref.id}`, (reads.get(`${ref.type} ${ref.id}`) ?? 0) + 1)
      return store.entity(ref)
    },
  }
  return { reads, counted }
}

function readAll(policySet: PolicySet, store: EntityStore): number {
  let pieces = 0
  let place: ReadAheadPlace | undefined
  do {
    place = policySet.readAhead(store, place)
    pieces += 1
  } while (place !== undefined)
  return pieces
}

function searchAll(policySet: PolicySet, entities: EntityStore) {
  const [ann, doc] = [
    { type: 'User', id: 'ann' },
    { type: 'Doc', id: 'd7' },
  ]
  const ask = (name: string) => ({ subject: ann, action: { name }, resource: doc })
  return [
    ...['read', 'write'].flatMap((name) => [
      policySet.searchResources(ask(name), { entities }),
      policySet.searchSubjects(ask(name), { entities }),
    ]),
    policySet.searchActions(ask('read'), { entities }),
  ]
}

describe('readAhead', () => {
  it('reads each entity ahead, a few at a time: a search then reads none of them', () => {
    const { policySet, store } = load()
    const { reads, counted } = countReads(store)
    expect(readAll(policySet, counted)).toBeGreaterThan(DOC_COUNT / 200)
    expect([...reads.keys()].filter((key) => key.startsWith('Doc '))).toHaveLength(DOC_COUNT)
    reads.clear()
    const { results } = policySet.searchResources(
      { subject: { type: 'User', id: 'bob' }, action: { name: 'write' }, resource: { type: 'Doc' } },
      { entities: counted },
    )
    expect(results).toHaveLength((DOC_COUNT * 2) / 3)
    expect([...reads.keys()].filter((key) => key.startsWith('Doc '))).toEqual([])
  })

  it('changes no answer, however far it has come', () => {
    const expected = searchAll(load().policySet, load().store)
    const { policySet, store } = load()
    let place: ReadAheadPlace | undefined
    do {
      place = policySet.readAhead(store, place)
      expect(searchAll(policySet, store)).toEqual(expected)
    } while (place !== undefined)
  })

  it('goes on with what a change makes of the store, also from a place that is gone', () => {
    const { policySet, store } = load()
    let place: ReadAheadPlace | undefined
    while (place?.after === undefined || place.count < 200) place = policySet.readAhead(store, place)
    const gone = { kind: 'delete-entity' as const, type: 'Doc', id: place.after }
    const next = changeEntityData(policySet.program, store, [gone]).store ?? store
    for (let rest = policySet.readAhead(next, place); rest !== undefined; )
      rest = policySet.readAhead(next, rest)
    expect(searchAll(policySet, next)).toEqual(searchAll(load().policySet, next))
  })

  it('has nothing to do without data', () => {
    const { policySet } = load()
    const { store } = loadEntityData(policySet.program, [])
    expect(readAll(policySet, store as EntityStore)).toBeLessThan(20)
  })

  it('passes on what a store throws', () => {
    const { policySet, store } = load()
    const broken: EntityStore = {
      ...store,
      entitiesOf: () => {
        throw new Error('out of order')
      },
    }
    expect(() => policySet.readAhead(broken)).toThrow('out of order')
  })
})
