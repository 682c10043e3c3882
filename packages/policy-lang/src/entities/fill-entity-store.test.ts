import { expect, it, suite } from 'vitest'
import { loadPolicySet } from '../load-policy-set.ts'
import type { AssignmentRecord, EntityData, EntityStore } from '../model/entity-data.ts'
import type { PolicySet } from '../policy-set.ts'
import { listEntityData } from './entity-store.ts'
import { type ContentChanges, changeContent, createStoreFiller } from './fill-entity-store.ts'
import { loadEntityData } from './load-entity-data.ts'

const POLICY = `
subject User in Team
entity Team
resource Doc { owner: User  actions read }
role reader { can read on Doc }
`

const policySet = loadPolicy()
function loadPolicy(): PolicySet {
  const loaded = loadPolicySet([{ name: 'policy.edict', text: POLICY }]).policySet
  if (loaded === undefined) throw new Error('the policy does not load')
  return loaded
}

const DATA: EntityData = {
  entities: [
    { type: 'User', id: 'ann', parents: [{ type: 'Team', id: 'red' }] },
    { type: 'User', id: '__proto__' },
    { type: 'Team', id: 'red' },
    { type: 'Doc', id: 'd1', properties: { owner: 'ann', __proto__x: 1 } },
    { type: 'Doc', id: 'd1', properties: { owner: 'ann', __proto__x: 1 } },
  ],
  assignments: [
    { role: 'reader', to: { type: 'User', id: 'ann' }, on: { type: 'Doc', id: 'd1' } },
    { role: 'reader', to: { type: 'User', id: 'ann' }, on: { type: 'Doc', id: 'd1' }, expires: '2030-01-01' },
    { on: { id: 'd1', type: 'Doc' }, role: 'reader', to: { type: 'User', id: 'ann' } },
    { role: 'reader', to: { role: 'reader', on: { type: 'Doc', id: 'd1' } }, on: '*' },
    { role: 'reader', to: '*', on: { type: 'Doc' } },
  ],
}

suite('createStoreFiller', () => {
  it('makes the store that the rows were loaded into', () => {
    const { store, content } = loadEntityData(policySet.program, [{ name: 'data.json', data: DATA }])
    if (store === undefined || content === undefined) throw new Error('the data does not load')
    checkFilled(store, content)
    const listed = listEntityData(store)
    if (listed === undefined) throw new Error('the store is ours')
    expect(listed.entities).toHaveLength(4)
    checkFilled(store, listed)
  })

  function checkFilled(store: EntityStore, content: Required<EntityData>): void {
    const filler = createStoreFiller(store.version)
    for (const row of JSON.parse(JSON.stringify(content.entities))) filler.add({ entities: [row] })
    filler.add({})
    filler.add({ assignments: content.assignments })
    checkAlike(filler.finish(), store)
  }

  it('lists nothing of a store that was made elsewhere', () => {
    expect(listEntityData({ ...EMPTY, version: '1' })).toBeUndefined()
  })
})

suite('changeContent', () => {
  function load(data: EntityData): { readonly store: EntityStore; readonly content: Required<EntityData> } {
    const { store, content } = loadEntityData(policySet.program, [{ name: 'data.json', data }])
    if (store === undefined || content === undefined) throw new Error('the data does not load')
    return { store, content }
  }

  it('makes the store of the other content, and leaves the one of before as it was', () => {
    const ann = { type: 'User', id: 'ann' }
    const [one, two] = [
      load(DATA),
      load({
        entities: [ann, { type: 'Team', id: 'red' }, { type: 'Doc', id: 'none' }],
        assignments: [
          { role: 'reader', to: ann, on: { type: 'Doc', id: 'd1' }, expires: '2030-01-01' },
          { role: 'reader', to: ann, on: { type: 'Doc', id: 'd1' }, expires: '2031-01-01' },
          { role: 'reader', to: '*', on: { type: 'Doc' } },
          { role: 'reader', to: ann, on: '*' },
        ],
      }),
    ]
    const changes: ContentChanges = {
      entities: [ann, { type: 'Doc', id: 'none' }],
      goneEntities: [
        { type: 'User', id: '__proto__' },
        { type: 'Doc', id: 'd1' },
      ],
      assignments: two.content.assignments.filter(
        ({ on, expires }) => on === '*' || expires === '2031-01-01',
      ),
      // Read anew, as they come from elsewhere.
      goneAssignments: JSON.parse(
        JSON.stringify([one.content.assignments[0], one.content.assignments[2]]),
      ) as AssignmentRecord[],
    }
    const changed = changeContent(one.store, changes, two.store.version)
    checkAlike(changed, two.store)
    checkAlike(one.store, load(DATA).store)
    checkAlike(changed, two.store)
    expect(() => changeContent(changed, changes, 'x')).toThrow(/is not there/)
    expect(() => changeContent({ ...EMPTY, version: '1' }, changes, 'x')).toThrow(/cannot be changed/)
    checkAlike(changed, two.store)
  })
})

function checkAlike(one: EntityStore, other: EntityStore): void {
  expect(one.version).toBe(other.version)
  expect(one.rolesToHolders).toEqual(other.rolesToHolders)
  for (const type of ['User', 'Team', 'Doc', 'None']) {
    expect(one.entitiesOf(type)).toEqual(other.entitiesOf(type))
    for (const id of ['ann', '__proto__', 'red', 'd1', 'none']) {
      expect(one.entity({ type, id })).toEqual(other.entity({ type, id }))
      expect(new Set(one.assignmentsTo({ type, id }))).toEqual(new Set(other.assignmentsTo({ type, id })))
      expect(new Set(one.assignmentsOn({ type, id }))).toEqual(new Set(other.assignmentsOn({ type, id })))
    }
    expect(one.assignmentsOn({ type })).toEqual(other.assignmentsOn({ type }))
  }
  expect(one.assignmentsTo('*')).toEqual(other.assignmentsTo('*'))
  expect(one.assignmentsOn('*')).toEqual(other.assignmentsOn('*'))
}

const EMPTY: EntityStore = {
  entity: () => 'absent',
  assignmentsTo: () => [],
  assignmentsOn: () => [],
  entitiesOf: () => [],
  version: '0',
}
