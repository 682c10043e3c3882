// A policy set that follows the changes of its data decides as one that meets the data for the first time.
import {
  type Answer,
  changeEntityData,
  type EntityDataChange,
  type EntityStore,
  type JsonEntityRef,
  loadEntityData,
  loadPolicySet,
} from '@edict/policy-lang'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createFastDecider, type FastDecider } from '../../packages/policy-lang/src/emit/fast-decider.ts'
import { linkProgram } from '../../packages/policy-lang/src/evaluate/link.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(25)

const POLICY = `
subject User in Team { level: Number }
entity Team in Team
resource Folder in Folder { actions list }
resource Doc in Folder { isOpen: Bool  owner: User  readers: Set<Team>  actions read, write, share }

role writer { can write on Doc }
inherited role keeper { can write, share on Doc  can list on Folder }
rule open: allow read on Doc if resource.isOpen
rule owners: allow * on Doc if resource.owner == subject
rule readers: allow read on Doc if subject in resource.readers
rule low: deny share on Doc if subject.level < 2
`

const ids = fc.constantFrom('a', 'b', 'c')
const ref = (type: string) => ids.map((id) => ({ type, id }))
const parents = (type: string) => fc.array(ref(type), { maxLength: 2 })
const users = fc.record({
  type: fc.constant('User'),
  id: ids,
  properties: fc.record({ level: fc.nat(3) }),
  parents: parents('Team'),
})
const docs = fc.record({
  type: fc.constant('Doc'),
  id: ids,
  properties: fc.record({
    isOpen: fc.boolean(),
    owner: ref('User'),
    readers: fc.array(ref('Team'), { maxLength: 2 }),
  }),
  parents: parents('Folder'),
})
const groups = fc
  .constantFrom('Team', 'Folder')
  .chain((type) => fc.record({ type: fc.constant(type), id: ids, parents: parents(type) }))
const assignments = fc.record({
  role: fc.constantFrom('writer', 'keeper'),
  to: fc.oneof(
    ref('User'),
    ref('User'),
    ref('Team'),
    fc.constant({ type: 'User' }),
    fc.constant('*' as const),
    ref('Folder').map((on) => ({ role: 'keeper', on })),
  ),
  on: fc.oneof(ref('Doc'), ref('Folder'), fc.constant({ type: 'Doc' }), fc.constant('*' as const)),
})
const changes: fc.Arbitrary<EntityDataChange> = fc.oneof(
  fc.oneof(users, docs, groups).map((entity) => ({ kind: 'put-entity' as const, entity })),
  fc
    .oneof(ref('User'), ref('Doc'), ref('Team'), ref('Folder'))
    .map(({ type, id }) => ({ kind: 'delete-entity' as const, type, id })),
  assignments.map((assignment) => ({ kind: 'put-assignment' as const, assignment })),
  assignments.map((assignment) => ({ kind: 'delete-assignment' as const, assignment })),
)
/**
 * Changes one after the other; now and then all that came before is left, and the first store gone on from. At times
 * the store is read ahead of the questions.
 */
const steps = fc.array(
  fc.record({ change: changes, isBack: fc.nat(9).map((roll) => roll === 0), isRead: fc.boolean() }),
  { minLength: 10, maxLength: 30 },
)

it('decides after each change of the data as on data that it meets for the first time', () => {
  const { policySet, diagnostics } = loadPolicySet([{ name: 'policy.edict', text: POLICY }])
  if (policySet === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  const { program } = policySet
  const linked = linkProgram(program)
  const empty = loadEntityData(program, []).store
  if (empty === undefined) throw new Error('no data is always sound')
  fc.assert(
    fc.property(steps, (taken) => {
      const following = createFastDecider(linked)
      let store: EntityStore = empty
      for (const { change, isBack, isRead } of taken) {
        // What is refused changes nothing.
        store = isBack ? empty : (changeEntityData(program, store, [change]).store ?? store)
        if (isRead) following.read(store, listAll(store))
        expect(askAll(following, store)).toEqual(askAll(createFastDecider(linked), store))
      }
    }),
    options,
  )
})

function listAll(store: EntityStore): readonly JsonEntityRef[] {
  return ['User', 'Team', 'Folder', 'Doc'].flatMap((type) => store.entitiesOf(type))
}

/** Every question there is: `undefined` where it is left to the reference. */
function askAll({ decide }: FastDecider, entities: EntityStore): readonly (Answer | undefined)[] {
  const questions = ['a', 'b'].flatMap((user) =>
    ['a', 'b'].flatMap((doc) => ['read', 'write', 'share'].map((action) => ({ user, doc, action }))),
  )
  return questions.map(({ user, doc, action }) =>
    decide(
      {
        subject: { type: 'User', id: user },
        action: { name: action },
        resource: { type: 'Doc', id: doc },
      },
      { entities, now: () => 0 },
    ),
  )
}
