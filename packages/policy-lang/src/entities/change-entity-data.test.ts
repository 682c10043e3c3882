import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attribute, buildProgram, entityType, field, NUMBER, role, STRING } from '../evaluate/fixtures.ts'
import { targetKey } from '../model/assignment-key.ts'
import type { AssignmentRecord, EntityStore, StoredEntity, TargetRecord } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import type { JsonValue } from '../model/request.ts'
import { canonicalJson } from '../model/value-json.ts'
import { changeEntityData, type EntityDataChange } from './change-entity-data.ts'
import { assignmentKey } from './entity-store.ts'
import { loadEntityData } from './load-entity-data.ts'

const program = {
  ...buildProgram({
    types: [
      entityType('User', { parents: ['Team'], attributes: [attribute('email', STRING)] }),
      entityType('Team', { parents: ['Team'] }),
      entityType('__proto__', { actions: ['list'] }),
    ],
    roles: [role('viewer'), role('editor'), role('exporter', { parameters: [field('limit', NUMBER)] })],
  }),
  roleGraph: {
    nodes: [
      { role: 'viewer', type: '__proto__' },
      { role: 'editor', type: '__proto__' },
    ],
    edges: [{ from: 0, to: 1, isNegative: true }],
  },
}

function load(data: unknown): EntityStore {
  const { store, problems } = loadEntityData(program, [{ name: 'data.json', data }])
  if (store === undefined) throw new Error(JSON.stringify(problems))
  return store
}

const put = (entity: unknown): EntityDataChange => ({ kind: 'put-entity', entity })
const drop = (type: string, id: string): EntityDataChange => ({ kind: 'delete-entity', type, id })
const assign = (assignment: unknown): EntityDataChange => ({ kind: 'put-assignment', assignment })
const revoke = (assignment: AssignmentRecord): EntityDataChange => ({ kind: 'delete-assignment', assignment })

const team = (id: string, ...parents: readonly string[]): object => ({
  type: 'Team',
  id,
  parents: parents.map((parent) => ({ type: 'Team', id: parent })),
})
const ann = { type: 'User', id: 'ann' }
const viewer: AssignmentRecord = { role: 'viewer', to: ann, on: '*' }

/** The changes are refused for exactly these reasons, and nothing changes. */
function checkRefusal(
  data: unknown,
  changes: readonly EntityDataChange[],
  expected: readonly string[],
): void {
  const store = load(data)
  const { store: changed, steps, problems } = changeEntityData(program, store, changes)
  expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual(expected)
  expect({ changed, steps }).toEqual({ changed: undefined, steps: [] })
}

describe('changeEntityData', () => {
  it('refuses what the loader refuses, at its place', () => {
    checkRefusal(
      {},
      [{ ...assign({ role: 'vieuwer', to: ann, on: '*' }), path: '$.operations[3]' }],
      ['$.operations[3].role: there is no role `vieuwer`'],
    )
    checkRefusal({}, [put({ type: 'User', id: 7 })], ['$.id: must be a string'])
    checkRefusal(
      {},
      [put({ type: 'User', id: 'u', parents: [{ type: 'User', id: 'v' }] })],
      ['$.parents[0]: `User` cannot lie below `User`'],
    )
    checkRefusal({}, [assign({ role: 'viewer', to: ann })], ['$.on: is missing'])
    checkRefusal(
      {},
      [put(null), assign([])],
      ['$: an entity must be an object', '$: an assignment must be an object'],
    )
  })

  it('refuses a circle of parents that a change closes, from whichever side', () => {
    const data = { entities: [team('a', 'b'), team('b', 'c')] }
    const way = 'entities lie below themselves: Team::"c" → Team::"a" → Team::"b" → Team::"c"'
    checkRefusal(data, [put(team('c', 'a'))], [`$.parents: ${way}`])
    checkRefusal(
      data,
      [put(team('d', 'd'))],
      ['$.parents: entities lie below themselves: Team::"d" → Team::"d"'],
    )
    const opened = changeEntityData(program, load(data), [put(team('b')), put(team('c', 'a'))])
    expect(opened.problems).toEqual([])
    const gone = changeEntityData(program, load(data), [put(team('c', 'a')), drop('Team', 'b')])
    expect(gone.problems).toEqual([])
  })

  it('refuses an assignment by which a role would rest on its own negation', () => {
    const closing = { role: 'editor', to: { role: 'viewer', on: { type: '__proto__', id: 'x' } }, on: '*' }
    checkRefusal({}, [assign(closing)], [expect.stringMatching(/^\$: a role would rest on its own negation/)])
  })

  it('gives the same store where nothing is other than it was', () => {
    const store = load({ entities: [team('a')], assignments: [viewer] })
    const changes = [put(team('a')), assign(viewer), drop('Team', 'b'), revoke({ ...viewer, role: 'editor' })]
    expect(changeEntityData(program, store, changes)).toEqual({
      store,
      steps: [],
      problems: [],
      warnings: [],
    })
    expect(changeEntityData(program, store, changes).store).toBe(store)
  })

  it('puts an assignment in place of those that differ in when they expire', () => {
    const timed = { ...viewer, expires: '2027-01-01' }
    const store = load({ assignments: [viewer, timed] })
    const ended = { ...viewer, expires: 1 }
    const changed = changeEntityData(program, store, [assign(ended)]).store
    expect(changed?.assignmentsTo(ann)).toEqual([ended])
    expect(changed?.assignmentsOn('*')).toEqual([ended])
    expect(store.assignmentsTo(ann)).toEqual([viewer, timed])
  })

  it('warns of values that do not fit, as the loader does', () => {
    const { warnings, store } = changeEntityData(program, load({}), [
      put({ type: 'User', id: 'u', properties: { email: 1 } }),
    ])
    expect(warnings).toEqual([{ file: '', path: '$.properties.email', message: expect.any(String) }])
    expect(store?.entity({ type: 'User', id: 'u' })).toEqual({ properties: { email: 1 }, parents: [] })
  })

  it('refuses to change a store that it does not know', () => {
    expect(() => changeEntityData(program, { ...load({}) }, [])).toThrow(TypeError)
  })

  it('gives another version for another history', () => {
    const store = load({})
    const versionOf = (...changes: readonly EntityDataChange[]): string | undefined =>
      changeEntityData(program, store, changes).store?.version
    const versions = [
      store.version,
      versionOf(put(team('a'))),
      versionOf(put(team('b'))),
      versionOf(put(team('a', 'b'))),
      versionOf(assign(viewer)),
      versionOf(assign({ ...viewer, expires: 5 })),
    ]
    expect(new Set(versions).size).toBe(versions.length)
    expect(versionOf(put(team('a')))).toBe(versionOf(put(team('a'))))
  })
})

const ids = ['a', 'b', 'c', '', '__proto__']
const id = fc.constantFrom(...ids)
const typeName = fc.constantFrom('User', 'Team', '__proto__', 'constructor')
const reference = fc.record({ type: fc.constantFrom('User', 'Team', '__proto__'), id })
const entity = fc.record(
  {
    type: typeName,
    id,
    properties: fc.record({ email: fc.constantFrom<JsonValue>('e', 1) }, { requiredKeys: [] }),
    parents: fc.array(fc.record({ type: fc.constantFrom('Team', 'Team', 'Team', 'User'), id }), {
      maxLength: 2,
    }),
  },
  { requiredKeys: ['type', 'id'] },
)
const scope = fc.oneof(reference, fc.constantFrom({ type: 'Team' }, { type: '__proto__' }, '*' as const))
const holders = fc.record({ role: fc.constantFrom('viewer', 'editor'), on: reference })
const assignment = fc.record(
  {
    role: fc.constantFrom('viewer', 'editor'),
    to: fc.oneof({ arbitrary: scope, weight: 3 }, { arbitrary: holders, weight: 1 }),
    on: scope,
    expires: fc.constantFrom(1, 2, '2027-01-01'),
  },
  { requiredKeys: ['role', 'to', 'on'] },
) as fc.Arbitrary<AssignmentRecord>
const change: fc.Arbitrary<EntityDataChange> = fc.oneof(
  entity.map(put),
  fc.tuple(typeName, id).map(([type, one]) => drop(type, one)),
  assignment.map(assign),
  assignment.map(revoke),
)

/** What a data set holds, kept in the plainest way. */
interface Rows {
  readonly entities: ReadonlyMap<string, JsonValue>
  readonly assignments: ReadonlyMap<string, AssignmentRecord>
}

function takeChanges({ entities, assignments }: Rows, changes: readonly EntityDataChange[]): Rows {
  const [nextEntities, nextAssignments] = [new Map(entities), new Map(assignments)]
  for (const one of changes) {
    if (one.kind === 'put-entity') {
      const row = one.entity as { type: string; id: string }
      nextEntities.set(entityKey(row.type, row.id), row)
    } else if (one.kind === 'delete-entity') nextEntities.delete(entityKey(one.type, one.id))
    else {
      const row = one.assignment as AssignmentRecord
      if (one.kind === 'put-assignment') nextAssignments.set(assignmentKey(row), row)
      else nextAssignments.delete(assignmentKey(row))
    }
  }
  return { entities: nextEntities, assignments: nextAssignments }
}

function loadRows({ entities, assignments }: Rows): EntityStore | undefined {
  const data = { entities: [...entities.values()], assignments: [...assignments.values()] }
  return loadEntityData(program, [{ name: 'rows', data }]).store
}

/** All that a store says, in an order of its own. */
function readAll(store: EntityStore, { assignments }: Rows): unknown {
  const rows = (list: readonly AssignmentRecord[]): readonly string[] =>
    list.map((row) => canonicalJson(row as unknown as JsonValue)).sort()
  const sides = ([...assignments.values()] as readonly { to: TargetRecord; on: TargetRecord }[])
    .flatMap(({ to, on }) => [to, on])
    .concat('*', { type: 'Team' }, ann)
  return {
    entities: ['User', 'Team', '__proto__', 'constructor'].map((type) => ({
      listed: store.entitiesOf(type),
      page: store.entitiesOf(type, 'a', 2),
      found: ids.map((one): StoredEntity | string => store.entity({ type, id: one })),
    })),
    assignments: Object.fromEntries(
      sides.map((side) => [
        `side ${targetKey(side)}`,
        [
          rows(store.assignmentsTo(side)),
          rows(side === '*' || !('role' in side) ? store.assignmentsOn(side) : []),
        ],
      ]),
    ),
    rolesToHolders: [...(store.rolesToHolders ?? [])].sort(),
  }
}

describe('a store that was changed', () => {
  it('takes and says exactly what the same rows loaded anew do, and leaves earlier stores as they were', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
        (history) => {
          let store = load({})
          let rows: Rows = { entities: new Map(), assignments: new Map() }
          const kept: { readonly store: EntityStore; readonly rows: Rows; readonly said: unknown }[] = []
          for (const changes of history) {
            const next = takeChanges(rows, changes)
            const expected = loadRows(next)
            const { store: changed, problems } = changeEntityData(program, store, changes)
            expect({ isTaken: changed !== undefined, problems }).toEqual({
              isTaken: expected !== undefined,
              problems: expected === undefined ? expect.anything() : [],
            })
            if (changed === undefined || expected === undefined) continue
            kept.push({ store, rows, said: readAll(store, rows) })
            expect(readAll(changed, next)).toEqual(readAll(expected, next))
            ;[store, rows] = [changed, next]
          }
          for (const one of kept) expect(readAll(one.store, one.rows)).toEqual(one.said)
          for (const one of kept) checkChanges(one, { store, rows })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('goes on from an earlier store, where the later ones are given up', () => {
    const start = load({ entities: [team('a')] })
    const given = changeEntityData(program, start, [put(team('b')), drop('Team', 'a')]).store
    const other = changeEntityData(program, start, [put(team('c'))]).store
    expect(other?.entitiesOf('Team').map((one) => one.id)).toEqual(['a', 'c'])
    expect(given?.entitiesOf('Team').map((one) => one.id)).toEqual(['b'])
    expect(start.entitiesOf('Team').map((one) => one.id)).toEqual(['a'])
  })

  it('tells nothing of what differs from a store of elsewhere', () => {
    expect(load({}).changesSince?.(load({}))).toBeUndefined()
  })
})

interface Kept {
  readonly store: EntityStore
  readonly rows: Rows
}

/** What is not named as changed is the same, and the assignments that came and went are exactly those. */
function checkChanges(earlier: Kept, later: Kept): void {
  const changes = later.store.changesSince?.(earlier.store)
  if (changes === undefined) throw new Error('one was made of the other')
  const changed = new Set(changes.entities.map((one) => entityKey(one.type, one.id)))
  for (const type of ['User', 'Team', '__proto__', 'constructor']) {
    for (const one of ids) {
      if (changed.has(entityKey(type, one))) continue
      expect(later.store.entity({ type, id: one })).toEqual(earlier.store.entity({ type, id: one }))
    }
  }
  const rows = new Set(listAssignments(earlier))
  for (const row of changes.gone) expect(rows.delete(row)).toBe(true)
  for (const row of changes.come) rows.add(row)
  expect(rows).toEqual(new Set(listAssignments(later)))
  // To go back is a change like any other.
  expect(new Set(earlier.store.changesSince?.(later.store)?.come)).toEqual(new Set(changes.gone))
}

/** The very objects that the store gives. */
function listAssignments({ store, rows }: Kept): readonly AssignmentRecord[] {
  return [...new Set([...rows.assignments.values()].flatMap(({ to }) => store.assignmentsTo(to)))]
}
