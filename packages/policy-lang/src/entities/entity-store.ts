import { targetKey } from '../model/assignment-key.ts'
import { compareCodePoints } from '../model/code-points.ts'
import type { AssignmentRecord, EntityStore, StoredEntity, TargetRecord } from '../model/entity-data.ts'
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
  const byTarget = indexAssignments(assignments, ({ to }) => to)
  const byScope = indexAssignments(assignments, ({ on }) => on)
  const toHolders = assignments.flatMap(({ role, to }) => (to !== '*' && 'role' in to ? [role] : []))
  const sortedIds = new Map<string, readonly string[]>()
  const idsOf = (type: string): readonly string[] => {
    const ids = sortedIds.get(type) ?? [...(entities.get(type)?.keys() ?? [])].sort(compareCodePoints)
    sortedIds.set(type, ids)
    return ids
  }
  return Object.freeze({
    version,
    entity: ({ type, id }: JsonEntityRef) => entities.get(type)?.get(id) ?? 'absent',
    assignmentsTo: byTarget,
    assignmentsOn: byScope,
    rolesToHolders: [...new Set(toHolders)],
    entitiesOf: (type, after, limit) => {
      const ids = idsOf(type)
      const start = after === undefined ? 0 : countUpTo(ids, after)
      const end = limit === undefined ? ids.length : start + Math.max(0, limit)
      return ids.slice(start, end).map((id) => ({ type, id }))
    },
  } satisfies EntityStore)
}

/** Those of single entities by type and id, so that no key is put together to find them. */
function indexAssignments(
  assignments: readonly AssignmentRecord[],
  sideOf: (assignment: AssignmentRecord) => TargetRecord,
): (side: TargetRecord) => readonly AssignmentRecord[] {
  const ofEntities = new Map<string, Map<string, AssignmentRecord[]>>()
  const others = new Map<string, AssignmentRecord[]>()
  for (const assignment of assignments) {
    const side = sideOf(assignment)
    if (!isEntity(side)) push(others, targetKey(side), assignment)
    else {
      const ofType = ofEntities.get(side.type) ?? new Map<string, AssignmentRecord[]>()
      ofEntities.set(side.type, ofType)
      push(ofType, side.id, assignment)
    }
  }
  return (side) =>
    (isEntity(side) ? ofEntities.get(side.type)?.get(side.id) : others.get(targetKey(side))) ?? NONE
}

const NONE: readonly AssignmentRecord[] = Object.freeze([])

function isEntity(side: TargetRecord): side is JsonEntityRef {
  return side !== '*' && !('role' in side) && 'id' in side
}

function push(lists: Map<string, AssignmentRecord[]>, key: string, assignment: AssignmentRecord): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [assignment])
  else list.push(assignment)
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
