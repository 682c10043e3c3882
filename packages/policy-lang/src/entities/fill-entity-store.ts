// A store made piece by piece of rows that were checked elsewhere, such as in another thread: whoever has to answer
// meanwhile can, between two pieces.
import type { AssignmentRecord, EntityData, EntityRecord, EntityStore } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'
import {
  assignmentKey,
  type ChangeableStore,
  createEntityStore,
  type StoreStep,
  toChangeable,
} from './entity-store.ts'

export interface StoreFiller {
  /** Rows of the `content` of `loadEntityData`, each once in all pieces together. They are not checked again. */
  add(rows: EntityData): void
  /** The store of all that was added. Add nothing after it. */
  finish(): EntityStore
}

/**
 * Fills a store with the rows of one that was loaded.
 * @param version of the store that the rows are from
 */
export function createStoreFiller(version: string): StoreFiller {
  let store: EntityStore = createEntityStore({ entities: new Map(), assignments: [], version })
  return {
    add: (rows) => {
      store = toChangeable(store)?.after(toSteps(rows), version) ?? store
    },
    finish: () => store,
  }
}

function toSteps({ entities = [], assignments = [] }: EntityData): readonly StoreStep[] {
  return [
    ...entities.map(({ type, id, properties = {}, parents = [] }): StoreStep => {
      return { kind: 'entity', type, id, before: undefined, after: { properties, parents } }
    }),
    ...assignments.map((row): StoreStep => {
      return { kind: 'assignment', key: assignmentKey(row), before: [], after: [row] }
    }),
  ]
}

/** What tells two contents of `loadEntityData` apart. */
export interface ContentChanges {
  /** Those that came, or say something else. */
  readonly entities: readonly EntityRecord[]
  readonly goneEntities: readonly JsonEntityRef[]
  readonly assignments: readonly AssignmentRecord[]
  readonly goneAssignments: readonly AssignmentRecord[]
}

/**
 * The store of another content, of the store of one and what tells them apart. Nothing is checked again.
 * @param version of the store that was loaded with the other content
 * @throws TypeError for a store that was not made by this package, or does not hold what is to go
 */
export function changeContent(store: EntityStore, changes: ContentChanges, version: string): EntityStore {
  const before = toChangeable(store)
  if (before === undefined) throw new TypeError('this store cannot be changed')
  const { entities, goneEntities, assignments, goneAssignments } = changes
  const steps: readonly StoreStep[] = [
    ...goneEntities.map((ref) => toEntityStep(before, ref, undefined)),
    ...entities.map((row) => toEntityStep(before, row, row)),
    ...goneAssignments.map((row): StoreStep => {
      return { kind: 'assignment', key: assignmentKey(row), before: [findRow(before, row)], after: [] }
    }),
    ...toSteps({ assignments }),
  ]
  return before.after(steps, version)
}

function toEntityStep(
  store: ChangeableStore,
  { type, id }: JsonEntityRef,
  row: EntityRecord | undefined,
): StoreStep {
  const found = store.entity({ type, id })
  const before = typeof found === 'string' ? undefined : found
  if (row === undefined && before === undefined) throw new TypeError('an entity that is to go is not there')
  const after = row && { properties: row.properties ?? {}, parents: row.parents ?? [] }
  return { kind: 'entity', type, id, before, after }
}

function findRow(store: ChangeableStore, row: AssignmentRecord): AssignmentRecord {
  const found = store.assignmentsLike(row).find(({ expires }) => expires === row.expires)
  if (found === undefined) throw new TypeError('an assignment that is to go is not there')
  return found
}
