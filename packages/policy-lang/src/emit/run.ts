// What one fast decision reads: the request, the store, the clock. One object serves all decisions of a policy set,
// one after the other, so that a decision allocates nothing.
import type { Cacheable } from '../model/answer.ts'
import { formatDatetime, MAX_EPOCH_MS, MIN_EPOCH_MS } from '../model/datetime.ts'
import { memberOf } from '../model/decode-value.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import type { AssignmentView, SubjectGrants } from './assignment-view.ts'
import { type Above, type EntityNode, type EntityView, NOTHING_ABOVE } from './entity-view.ts'
import { FAIL, LEAVE } from './outcome.ts'

/** A subject or resource of sound shape. */
export interface RequestEntity {
  readonly type: string
  readonly id: string
  readonly properties?: JsonObject | null
  readonly parents?: JsonValue
  readonly roles?: JsonValue
}

export interface Run {
  subject: RequestEntity
  resource: RequestEntity
  context: JsonObject
  /** Asked at most once. */
  clock: (() => number) | undefined
  entities: EntityView
  assignments: AssignmentView
  /** Types that an entity of a type can lie below, however far. */
  readonly ancestorTypes: ReadonlyMap<string, ReadonlySet<string>>

  /** Whether anything below was set: a decision that touches nothing leaves nothing to clear. */
  isTouched: boolean
  /** Parents sent beside the subject or the resource lie over stored ones. */
  hasSentParents: boolean
  /** Roles sent with the subject, each held on everything. */
  readonly sentRoles: number[]
  /** How many of them count: the list is used again and again. */
  sentCount: number
  /** What is assigned to the subject, once it was asked for. */
  grants: SubjectGrants | undefined
  subjectNode: EntityNode | undefined
  resourceNode: EntityNode | undefined
  instant: number | undefined
  /** The first instant at which a comparison with the clock may come out differently. */
  flipsAt: number
  /** The clock went into a value: no such instant can be named. */
  isUnbounded: boolean
  steps: number
}

/** In place of properties or a context that are not sent. */
export const NOTHING_SENT: JsonObject = Object.freeze({})

/** Nothing is left of the decision before. */
export function clearRun(run: Run): void {
  run.isTouched = false
  run.hasSentParents = false
  run.sentCount = 0
  run.grants = undefined
  run.subjectNode = undefined
  run.resourceNode = undefined
  run.instant = undefined
  run.flipsAt = Number.POSITIVE_INFINITY
  run.isUnbounded = false
  run.steps = 0
}

/** Work on data, beyond which a decision is left to the reference, which counts in full. */
const MAX_FAST_STEPS = 100_000

/** An attribute as emitted code asks for it. */
export interface AttributeSite {
  readonly name: string
  readonly isOptional: boolean
  readonly isStored: boolean
}

export function charge(run: Run, steps: number): void {
  run.isTouched = true
  run.steps += steps
  if (run.steps > MAX_FAST_STEPS) throw LEAVE
}

/** What the store knows of the subject, asked once. */
export function nodeOfSubject(run: Run): EntityNode {
  run.isTouched = true
  run.subjectNode ??= run.entities.subjectNode(run.subject.type, run.subject.id)
  return run.subjectNode
}

export function nodeOfResource(run: Run): EntityNode {
  run.isTouched = true
  run.resourceNode ??= run.entities.resourceNode(run.resource.type, run.resource.id)
  return run.resourceNode
}

/** The JSON of an attribute that the request does not send: `undefined` for absent. */
export function readUnsent(
  run: Run,
  isSubject: boolean,
  attribute: AttributeSite,
): JsonValue | undefined | typeof FAIL {
  const node = isSubject ? nodeOfSubject(run) : nodeOfResource(run)
  return readNode(node, attribute, (isSubject ? run.subject : run.resource).properties != null)
}

/** The JSON of an attribute of any entity; what the request says of subject and resource lies over the store. */
export function readAttribute(
  run: Run,
  type: string,
  id: string,
  attribute: AttributeSite,
): JsonValue | undefined | typeof FAIL {
  const isSubject = isEntity(run.subject, type, id)
  const isResource = isEntity(run.resource, type, id)
  if (!isSubject && !isResource) {
    charge(run, 1)
    return readNode(run.entities.node(type, id), attribute, false)
  }
  const { properties } = isSubject ? run.subject : run.resource
  const isSent = !attribute.isStored && properties != null
  const json = isSent ? memberOf(properties, attribute.name) : undefined
  return json ?? readUnsent(run, isSubject, attribute)
}

function readNode(
  node: EntityNode,
  { name, isOptional, isStored }: AttributeSite,
  isSent: boolean,
): JsonValue | undefined | typeof FAIL {
  if (node.state === 'stored') {
    const json = memberOf(node.properties, name)
    return json === undefined && !isOptional ? FAIL : json
  }
  if (isStored || node.state === 'unavailable' || !isSent) return FAIL
  return isOptional ? undefined : FAIL
}

function isEntity(entity: RequestEntity, type: string, id: string): boolean {
  return entity.id === id && entity.type === type
}

/** What lies above an entity: parents that are sent replace stored ones. */
export function readAbove(run: Run, type: string, id: string): Above {
  if (run.hasSentParents) return readSentAbove(run, type, id)
  const above = knownAbove(run, nodeOf(run, type, id)) ?? run.entities.above(type, id)
  if (above !== NOTHING_ABOVE) charge(run, 1 + Math.min(above.size, 16))
  return above
}

/** What was found before and still holds. */
export function knownAbove({ entities }: Run, node: EntityNode | undefined): Above | undefined {
  const above = node?.above
  return above?.era === entities.era() ? above : undefined
}

/** What lies above the two that most questions are about is kept with what the store knows of them. */
function nodeOf(run: Run, type: string, id: string): EntityNode | undefined {
  if (isEntity(run.resource, type, id)) return nodeOfResource(run)
  return isEntity(run.subject, type, id) ? nodeOfSubject(run) : undefined
}

function readSentAbove(run: Run, type: string, id: string): Above {
  const { subject, resource, entities } = run
  const sent = [subject, resource].find((entity) => isEntity(entity, type, id))?.parents ?? undefined
  const above = sent === undefined ? entities.above(type, id) : entities.aboveParents(type, sent)
  // What a request tells of is gone through each time, and counts in full.
  charge(run, 1 + above.size)
  // The other one of the two further up has parents of its own: the reference follows them.
  for (const { type: otherType, id: otherId, parents } of [subject, resource]) {
    if (parents != null && above.byType.get(otherType)?.has(otherId) === true) throw LEAVE
  }
  return above
}

/** `context.now`, in epoch milliseconds. */
export function readInstant(run: Run): number {
  run.isTouched = true
  run.instant ??= toInstant(run.clock)
  return run.instant
}

/** The instant as a bare value: it may go anywhere. */
export function readClock(run: Run): number {
  run.isTouched = true
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
  if (run.instant !== undefined && epochMs > run.instant && epochMs < run.flipsAt) run.flipsAt = epochMs
}

export function toCacheable(run: Run): Cacheable {
  if (run.isUnbounded) return false
  return { until: run.flipsAt > MAX_EPOCH_MS ? null : formatDatetime(Math.max(run.flipsAt, MIN_EPOCH_MS)) }
}
