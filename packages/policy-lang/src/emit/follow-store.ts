// From one store to a later one: where little is other than before, what was made of the first goes on to count.
import { isToHolders } from '../evaluate/assignment-index.ts'
import type { EntityStore, StoreChanges, TargetRecord } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'
import type { ParentTypes } from './entity-view.ts'

/** With more, making all anew is as quick. */
const MAX_CHANGES = 10_000

/** What holds otherwise in a later store. */
export interface FollowedChanges {
  /** Entities that nothing lies below. */
  readonly entities: readonly JsonEntityRef[]
  /** To whom something is assigned that was not, or the other way round: never to holders of a role. */
  readonly targets: readonly TargetRecord[]
  /** Whether what is assigned to groups, to a type or to everybody is other than before, and so what anybody holds. */
  readonly reachesAll: boolean
}

/** `undefined` where the change reaches further than can be followed. */
export function findChanged(
  previous: EntityStore,
  next: EntityStore,
  parentTypes: ParentTypes,
): FollowedChanges | undefined {
  const changes = previous === next ? undefined : next.changesSince?.(previous)
  if (changes === undefined || countChanges(changes) > MAX_CHANGES) return undefined
  const { entities, gone, come } = changes
  const targets = [...gone, ...come].map(({ to }) => to)
  const above = new Set([...parentTypes.values()].flat())
  if (targets.some(isToHolders) || entities.some(({ type }) => above.has(type))) return undefined
  const reachesAll = targets.some((to) => to === '*' || !('id' in to) || above.has(to.type))
  return { entities, targets, reachesAll }
}

function countChanges({ entities, gone, come }: StoreChanges): number {
  return entities.length + gone.length + come.length
}
