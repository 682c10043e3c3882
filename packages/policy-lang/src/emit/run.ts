// What one fast decision reads: the request, the store, the clock. One object serves all decisions of a policy set,
// one after the other, so that a decision allocates nothing.
import type { Cacheable } from '../model/answer.ts'
import { formatDatetime, MAX_EPOCH_MS, MIN_EPOCH_MS } from '../model/datetime.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import type { AssignmentView } from './assignment-view.ts'
import { type Above, type EntityNode, type EntityView, NOTHING_ABOVE } from './entity-view.ts'
import { FAIL, LEAVE } from './outcome.ts'

export interface Run {
  subjectType: string
  subjectId: string
  resourceType: string
  resourceId: string
  /** Empty where none were sent. */
  subjectProperties: JsonObject
  resourceProperties: JsonObject
  context: JsonObject
  isSubjectSent: boolean
  isResourceSent: boolean
  /** Parents sent for subject or resource: what lies above anything is then the reference's to tell. */
  hasSentParents: boolean
  /** Roles sent with the subject, each held on everything; those with a `when` in the second list. */
  sentRoles: readonly number[]
  /** Types that an entity of a type can lie below, however far. */
  readonly ancestorTypes: ReadonlyMap<string, ReadonlySet<string>>
  entities: EntityView
  assignments: AssignmentView
  subjectNode: EntityNode | undefined
  resourceNode: EntityNode | undefined
  /** Asked at most once. */
  clock: (() => number) | undefined
  instant: number | typeof FAIL | undefined
  /** The first instant at which a comparison with the clock may come out differently. */
  flipsAt: number
  /** The clock went into a value: no such instant can be named. */
  isUnbounded: boolean
  steps: number
}

/** Work on data, beyond which a decision is left to the reference, which counts in full. */
export const MAX_FAST_STEPS = 100_000

/** An attribute as emitted code asks for it. */
export interface AttributeSite {
  readonly name: string
  readonly isOptional: boolean
  readonly isStored: boolean
}

export function charge(run: Run, steps: number): void {
  run.steps += steps
  if (run.steps > MAX_FAST_STEPS) throw LEAVE
}

export function nodeOfSubject(run: Run): EntityNode {
  run.subjectNode ??= run.entities.node(run.subjectType, run.subjectId)
  return run.subjectNode
}

export function nodeOfResource(run: Run): EntityNode {
  run.resourceNode ??= run.entities.node(run.resourceType, run.resourceId)
  return run.resourceNode
}

/** The JSON of an attribute that the request does not send: `undefined` for absent. */
export function readUnsent(
  run: Run,
  isSubject: boolean,
  attribute: AttributeSite,
): JsonValue | undefined | typeof FAIL {
  const node = isSubject ? nodeOfSubject(run) : nodeOfResource(run)
  return readNode(node, attribute, isSubject ? run.isSubjectSent : run.isResourceSent)
}

/** The JSON of an attribute of any entity; what the request says of subject and resource lies over the store. */
export function readAttribute(
  run: Run,
  type: string,
  id: string,
  attribute: AttributeSite,
): JsonValue | undefined | typeof FAIL {
  const isSubject = id === run.subjectId && type === run.subjectType
  const isResource = id === run.resourceId && type === run.resourceType
  if (!isSubject && !isResource) {
    charge(run, 1)
    return readNode(run.entities.node(type, id), attribute, false)
  }
  const sent = isSubject ? run.subjectProperties : run.resourceProperties
  const json = attribute.isStored ? undefined : ownMember(sent, attribute.name)
  return json ?? readUnsent(run, isSubject, attribute)
}

function readNode(
  node: EntityNode,
  { name, isOptional, isStored }: AttributeSite,
  isSent: boolean,
): JsonValue | undefined | typeof FAIL {
  if (node.state === 'stored') {
    const json = ownMember(node.properties, name)
    return json === undefined && !isOptional ? FAIL : json
  }
  if (isStored || node.state === 'unavailable' || !isSent) return FAIL
  return isOptional ? undefined : FAIL
}

/** The member of that name, unless it is inherited or `null`. */
export function ownMember(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined
}

/** What lies above an entity. Sent parents are not looked at here. */
export function readAbove(run: Run, type: string, id: string): Above {
  const above = run.entities.above(type, id)
  if (above === NOTHING_ABOVE) return above
  if (run.hasSentParents) throw LEAVE
  charge(run, 1 + Math.min(above.size, 16))
  return above
}

/** `context.now`, in epoch milliseconds. */
export function readInstant(run: Run): number | typeof FAIL {
  run.instant ??= toInstant(run.clock)
  return run.instant
}

/** The instant as a bare value: it may go anywhere. */
export function readClock(run: Run): number | typeof FAIL {
  run.isUnbounded = true
  return readInstant(run)
}

function toInstant(clock: (() => number) | undefined): number {
  // Without a clock, or with one out of range, the reference says what is wrong.
  if (clock === undefined) throw LEAVE
  const instant = Math.floor(clock()) + 0
  if (!(instant >= MIN_EPOCH_MS && instant <= MAX_EPOCH_MS)) throw LEAVE
  return instant
}

/** Notes that an outcome may differ from this instant on. */
export function noteFlip(run: Run, epochMs: number): void {
  if (typeof run.instant === 'number' && epochMs > run.instant && epochMs < run.flipsAt) run.flipsAt = epochMs
}

export function toCacheable(run: Run): Cacheable {
  if (run.isUnbounded) return false
  return { until: run.flipsAt > MAX_EPOCH_MS ? null : formatDatetime(Math.max(run.flipsAt, MIN_EPOCH_MS)) }
}
