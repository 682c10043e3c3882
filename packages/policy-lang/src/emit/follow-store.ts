// From one store to a later one: where little is other than before, what was made of the first goes on to count.
import { isToHolders } from '../evaluate/assignment-index.ts'
import type { EntityStore, StoreChanges, TargetRecord } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'
import type { ParentTypes } from './entity-view.ts'

/** With more, making all anew is as quick. */
const MAX_CHANGES = 10_000

/** Entities of which other things hold in `next`; `undefined` where the change reaches further than them. */
export function findChanged(
  previous: EntityStore,
  next: EntityStore,
  parentTypes: ParentTypes,
): readonly JsonEntityRef[] | undefined {
  const changes = previous === next ? undefined : next.changesSince?.(previous)
  if (changes === undefined || countChanges(changes) > MAX_CHANGES) return undefined
  const targets = [...changes.gone, ...changes.come].map(({ to }) => toEntity(to))
  const changed: JsonEntityRef[] = [...changes.entities]
  for (const target of targets) {
    if (target === undefined) return undefined
    changed.push(target)
  }
  const above = new Set([...parentTypes.values()].flat())
  return changed.some(({ type }) => above.has(type)) ? undefined : changed
}

function countChanges({ entities, gone, come }: StoreChanges): number {
  return entities.length + gone.length + come.length
}

/** What is assigned to everybody, to a type or to holders of a role reaches any subject. */
function toEntity(target: TargetRecord): JsonEntityRef | undefined {
  return target === '*' || isToHolders(target) || !('id' in target) ? undefined : target
}
