import { targetKey } from '../model/assignment-key.ts'
import type { AssignmentRecord, TargetRecord } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'

/** Assignments by one of their sides. Lists that were given out never change. */
export interface AssignmentTable {
  /** Those with exactly this side. */
  readonly find: (side: TargetRecord) => readonly AssignmentRecord[]
  readonly add: (assignment: AssignmentRecord) => void
  readonly remove: (assignment: AssignmentRecord) => void
}

/** Those of single entities are held by type and id, so that no key is put together to find them. */
export function createAssignmentTable(
  assignments: Iterable<AssignmentRecord>,
  sideOf: (assignment: AssignmentRecord) => TargetRecord,
): AssignmentTable {
  const ofEntities = new Map<string, Map<string, AssignmentRecord[]>>()
  const others = new Map<string, AssignmentRecord[]>()

  function slotOf(side: TargetRecord): {
    readonly lists: Map<string, AssignmentRecord[]>
    readonly key: string
  } {
    if (!isEntity(side)) return { lists: others, key: targetKey(side) }
    const lists = ofEntities.get(side.type) ?? new Map<string, AssignmentRecord[]>()
    ofEntities.set(side.type, lists)
    return { lists, key: side.id }
  }

  for (const assignment of assignments) {
    const { lists, key } = slotOf(sideOf(assignment))
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [assignment])
    else list.push(assignment)
  }
  return {
    find: (side) =>
      (isEntity(side) ? ofEntities.get(side.type)?.get(side.id) : others.get(targetKey(side))) ?? NONE,
    add: (assignment) => {
      const { lists, key } = slotOf(sideOf(assignment))
      lists.set(key, [...(lists.get(key) ?? NONE), assignment])
    },
    remove: (assignment) => {
      const { lists, key } = slotOf(sideOf(assignment))
      const rest = (lists.get(key) ?? NONE).filter((one) => one !== assignment)
      if (rest.length > 0) lists.set(key, rest)
      else lists.delete(key)
    },
  }
}

const NONE: readonly AssignmentRecord[] = Object.freeze([])

function isEntity(side: TargetRecord): side is JsonEntityRef {
  return side !== '*' && !('role' in side) && 'id' in side
}
