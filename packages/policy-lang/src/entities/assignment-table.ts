import { targetKey } from '../model/assignment-key.ts'
import type { AssignmentRecord, TargetRecord } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'

/** Assignments by one of their sides. Lists that were given out never change. */
export interface AssignmentTable {
  /** Those with exactly this side. */
  readonly find: (side: TargetRecord) => readonly AssignmentRecord[]
  readonly all: () => Iterable<AssignmentRecord>
  readonly change: (gone: readonly AssignmentRecord[], come: readonly AssignmentRecord[]) => void
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
  const find = (side: TargetRecord): readonly AssignmentRecord[] =>
    (isEntity(side) ? ofEntities.get(side.type)?.get(side.id) : others.get(targetKey(side))) ?? NONE
  return {
    find,
    all: function* () {
      for (const lists of [...ofEntities.values(), others]) for (const list of lists.values()) yield* list
    },
    change: (gone, come) => {
      // Made here, so that nobody has them yet: many that come to one side are not copied one by one.
      const fresh = new Set<readonly AssignmentRecord[]>()
      const set = (assignment: AssignmentRecord, next: AssignmentRecord[]): void => {
        const { lists, key } = slotOf(sideOf(assignment))
        fresh.add(next)
        if (next.length > 0) lists.set(key, next)
        else lists.delete(key)
      }
      for (const assignment of gone)
        set(
          assignment,
          find(sideOf(assignment)).filter((one) => one !== assignment),
        )
      for (const assignment of come) {
        const list = find(sideOf(assignment))
        if (fresh.has(list)) (list as AssignmentRecord[]).push(assignment)
        else set(assignment, [...list, assignment])
      }
    },
  }
}

const NONE: readonly AssignmentRecord[] = Object.freeze([])

function isEntity(side: TargetRecord): side is JsonEntityRef {
  return side !== '*' && !('role' in side) && 'id' in side
}
