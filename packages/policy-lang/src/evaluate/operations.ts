// Operations on values that need to look at entities: members, presence, membership.
import { describeEntity } from '../model/describe-entity.ts'
import { ipContains } from '../model/ip.ts'
import type { EntityRef, SetValue, Value } from '../model/values.ts'
import type { Place } from '../program/program.ts'
import { liesIn, liesInAny } from './membership.ts'
import { stepsToVisit } from './meter.ts'
import { contains } from './methods.ts'
import type { Outcome, Result } from './result.ts'
import { anyOf, failure, isFailure } from './result.ts'
import type { Session } from './session.ts'

/** `.name` of an entity, a record or a map. */
export function readMember(object: Value, name: string, at: Place, session: Session): Result {
  if (typeof object !== 'object') return failure(`there is no \`${name}\` here`, { at })
  if (object.kind === 'record') return object.entries.get(name)
  if (object.kind !== 'entity') return failure(`there is no \`${name}\` here`, { at })
  if (name === 'id') return object.id
  const attribute = session.linked.types.get(object.type)?.attributes.get(name)
  if (attribute === undefined)
    return failure(`${describeEntity(object)} has no attribute \`${name}\``, { at })
  return locate(session.facts.attribute(object, attribute), at)
}

/** `e has name`, `m has "k"`. What the type of an entity lacks is false, whatever else is unknown. */
export function hasMember(object: Value, name: string, at: Place, session: Session): Outcome {
  if (typeof object !== 'object') return failure(`\`has\` asks no such value`, { at })
  if (object.kind === 'record') return object.entries.has(name)
  if (object.kind !== 'entity') return failure(`\`has\` asks no such value`, { at })
  if (name === 'id') return true
  const attribute = session.linked.types.get(object.type)?.attributes.get(name)
  return attribute !== undefined && isPresent(session.facts.attribute(object, attribute), at)
}

/** Presence of what was read: a failure to read is a failure to tell. */
export function isPresent(result: Result, at: Place): Outcome {
  const located = locate(result, at)
  return isFailure(located) ? located : located !== undefined
}

/** `e in f`, `e in s`, `x in s`, `ip in cidr`. */
export function isIn(left: Value, right: Value, at: Place, session: Session): Outcome {
  return locateOutcome(membership(left, right, session), at)
}

function membership(left: Value, right: Value, session: Session): Outcome {
  if (typeof right !== 'object') return failure('`in` asks no such value')
  if (right.kind === 'set') {
    session.meter.step(stepsToVisit(right))
    return typeof left === 'object' && left.kind === 'entity'
      ? liesInSet(left, right, session)
      : contains(right, left)
  }
  if (typeof left !== 'object') return failure('`in` asks no such value')
  if (right.kind === 'entity' && left.kind === 'entity') return liesIn(session, left, right)
  if (right.kind === 'ip' && left.kind === 'ip') return ipContains(right, left)
  return failure('`in` asks no such value')
}

function liesInSet(entity: EntityRef, set: SetValue, session: Session): Outcome {
  const idsByType = new Map<string, Set<string>>()
  for (const member of set.elements) {
    if (typeof member !== 'object' || member.kind !== 'entity') continue
    idsByType.set(member.type, (idsByType.get(member.type) ?? new Set<string>()).add(member.id))
  }
  return anyOf(idsByType, ([type, ids]) => liesInAny(session, entity, type, ids))
}

/** The result, a failure with the place in the policy that met it. */
export function locate(result: Result, at: Place): Result {
  return isFailure(result) && result.at === undefined ? { ...result, at } : result
}

function locateOutcome(outcome: Outcome, at: Place): Outcome {
  return isFailure(outcome) && outcome.at === undefined ? { ...outcome, at } : outcome
}
