// A store made piece by piece of rows that were checked elsewhere, such as in another thread: whoever has to answer
// meanwhile can, between two pieces.
import type { EntityData, EntityStore } from '../model/entity-data.ts'
import { assignmentKey, createEntityStore, type StoreStep, toChangeable } from './entity-store.ts'

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
