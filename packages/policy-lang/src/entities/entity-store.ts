import { scopeKey, targetKey } from '../model/assignment-key.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { AssignmentRecord, EntityStore, StoredEntity } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'

/** What a store is made of. */
export interface StoreContent {
  /** By type, then by id. */
  readonly entities: ReadonlyMap<string, ReadonlyMap<string, StoredEntity>>
  readonly assignments: readonly AssignmentRecord[]
  readonly version: string
}

/** A store in memory that never changes: every look-up is one or two steps in a Map. */
export function createEntityStore({ entities, assignments, version }: StoreContent): EntityStore {
  const byTarget = Map.groupBy(assignments, ({ to }) => targetKey(to))
  const byScope = Map.groupBy(assignments, ({ on }) => scopeKey(on))
  const scopeTypes = new Set(assignments.map(({ on }) => (on !== '*' && 'id' in on ? on.type : undefined)))
  const sortedIds = new Map<string, readonly string[]>()
  const idsOf = (type: string): readonly string[] => {
    const ids = sortedIds.get(type) ?? [...(entities.get(type)?.keys() ?? [])].sort(compareCodePoints)
    sortedIds.set(type, ids)
    return ids
  }
  return Object.freeze({
    version,
    entity: ({ type, id }: JsonEntityRef) => entities.get(type)?.get(id) ?? 'absent',
    assignmentsTo: (target) => byTarget.get(targetKey(target)) ?? [],
    assignmentsOn: (scope) => byScope.get(scopeKey(scope)) ?? [],
    hasAssignmentsOn: (type) => scopeTypes.has(type),
    entitiesOf: (type, after, limit) => {
      const ids = idsOf(type)
      const start = after === undefined ? 0 : countUpTo(ids, after)
      const end = limit === undefined ? ids.length : start + Math.max(0, limit)
      return ids.slice(start, end).map((id) => ({ type, id }))
    },
  } satisfies EntityStore)
}

/** How many of the sorted ids come before or are this one. */
function countUpTo(ids: readonly string[], last: string): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareCodePoints(ids[middle] ?? '', last) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
