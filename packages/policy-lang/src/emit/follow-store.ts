// From one store to a later one: where little is other than before, what was made of the first goes on to count.
import { isToHolders } from '../evaluate/assignment-index.ts'
import type { EntityStore, StoreChanges, TargetRecord } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'
import type { ParentTypes } from './entity-view.ts'

/** With more, making all anew is as quick. */
const MAX_CHANGES = 10_000

/** What holds otherwise in a later store. */
export interface FollowedChanges {
  /** Entities of which the store says something else. */
  readonly entities: readonly JsonEntityRef[]
  /** Whether others may lie below some of them. */
  readonly isAboveOthers: boolean
  /** To whom something is assigned that was not, or the other way round: never to holders of a role. */
  readonly targets: readonly TargetRecord[]
  /**
   * Whether anybody may hold something else: what lies above others is other than before, or what is assigned to groups,
   * to a type or to everybody.
   */
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
  if (targets.some(isToHolders)) return undefined
  const above = new Set([...parentTypes.values()].flat())
  const isAboveOthers = entities.some(({ type }) => above.has(type))
  const reachesAll = isAboveOthers || targets.some((to) => to === '*' || !('id' in to) || above.has(to.type))
  return { entities, isAboveOthers, targets, reachesAll }
}

function countChanges({ entities, gone, come }: StoreChanges): number {
  return entities.length + gone.length + come.length
}
