import { expect, it, suite } from 'vitest'
import { loadPolicySet } from '../load-policy-set.ts'
import type { EntityData, EntityStore } from '../model/entity-data.ts'
import { listEntityData } from './entity-store.ts'
import { createStoreFiller } from './fill-entity-store.ts'
import { loadEntityData } from './load-entity-data.ts'

const POLICY = `
subject User in Team
entity Team
resource Doc { owner: User  actions read }
role reader { can read on Doc }
`

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
    const { policySet } = loadPolicySet([{ name: 'policy.edict', text: POLICY }])
    if (policySet === undefined) throw new Error('the policy does not load')
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
    const filled = filler.finish()
    expect(filled.version).toBe(store.version)
    expect(filled.rolesToHolders).toEqual(store.rolesToHolders)
    for (const type of ['User', 'Team', 'Doc', 'None']) {
      expect(filled.entitiesOf(type)).toEqual(store.entitiesOf(type))
      for (const id of ['ann', '__proto__', 'red', 'd1', 'none']) {
        expect(filled.entity({ type, id })).toEqual(store.entity({ type, id }))
        expect(filled.assignmentsTo({ type, id })).toEqual(store.assignmentsTo({ type, id }))
        expect(filled.assignmentsOn({ type, id })).toEqual(store.assignmentsOn({ type, id }))
      }
      expect(filled.assignmentsOn({ type })).toEqual(store.assignmentsOn({ type }))
    }
    expect(filled.assignmentsTo('*')).toEqual(store.assignmentsTo('*'))
    expect(filled.assignmentsOn('*')).toEqual(store.assignmentsOn('*'))
  }

  it('lists nothing of a store that was made elsewhere', () => {
    expect(listEntityData({ ...EMPTY, version: '1' })).toBeUndefined()
  })
})

const EMPTY: EntityStore = {
  entity: () => 'absent',
  assignmentsTo: () => [],
  assignmentsOn: () => [],
  entitiesOf: () => [],
  version: '0',
}
