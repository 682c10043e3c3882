import { describeEntity } from '../model/describe-entity.ts'
import { entityKey } from '../model/entity-key.ts'
import type { EntityRef } from '../model/values.ts'
import type { Failure, Outcome } from './result.ts'
import { failure } from './result.ts'
import type { Session } from './session.ts'

/** `e in f`: whether the entity is, or lies below, that one. */
export function liesIn(session: Session, entity: EntityRef, group: EntityRef): Outcome {
  return liesInAny(session, entity, group.type, new Set([group.id]))
}

/**
 * `e in s` for those members of `s` that are of one type: true where any path upwards reaches one of them, else
 * failed where a path ends in unknown parents above which one of them could still lie, else false.
 */
export function liesInAny(
  session: Session,
  entity: EntityRef,
  type: string,
  ids: ReadonlySet<string>,
): Outcome {
  const { facts, linked, meter } = session
  const visited = new Set<string>()
  const pending = [entity]
  let unknown: Failure | undefined
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    if (current.type === type && ids.has(current.id)) return true
    const key = entityKey(current.type, current.id)
    // Where no entity of that type can be further up, it does not matter what is.
    if (visited.has(key) || !linked.types.get(current.type)?.ancestors.has(type)) continue
    visited.add(key)
    meter.step()
    const parents = facts.parents(current)
    if (parents === undefined) unknown ??= failure(`parents of ${describeEntity(current)} are not known`)
    else for (const parent of parents) pending.push(parent)
  }
  return unknown ?? false
}
