import type { Decoded, IllTyped } from '../model/decode-value.ts'
import { decodeReference, decodeValue, isIllTyped, memberOf } from '../model/decode-value.ts'
import { describeEntity } from '../model/describe-entity.ts'
import type { EntityStore, StoredEntity } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import { equalValues } from '../model/equal-values.ts'
import { pathStep } from '../model/json-path.ts'
import type { JsonValue } from '../model/request.ts'
import type { AttributeSchema } from '../model/schema.ts'
import { shortenText } from '../model/short-text.ts'
import type { EntityRef, Value } from '../model/values.ts'
import type { LinkedProgram, LinkedType } from './link.ts'
import type { Meter } from './meter.ts'
import type { EntityInput, ReadRequest } from './read-request.ts'
import type { Reads } from './reads.ts'
import type { FailureOrigin, Result } from './result.ts'
import { failure } from './result.ts'
import type { Facts } from './session.ts'

export interface FactSources {
  readonly linked: LinkedProgram
  readonly request: ReadRequest
  readonly store: EntityStore
  readonly meter: Meter
  readonly reads: Reads
}

/** Who says what of one entity. Subject and resource lie over the rest, attribute by attribute. */
interface Layers {
  readonly name: string
  readonly type: LinkedType
  /** The subject and the resource of the request, where they are this entity. */
  readonly asked: readonly EntityInput[]
  readonly stored: StoredEntity | 'absent' | 'unavailable'
  /** Members of the request's `entities`; none where the store knows better. */
  readonly mentioned: readonly EntityInput[]
  readonly attributes: Map<string, Result>
  parents: readonly EntityRef[] | 'unknown' | undefined
}

export function createFacts(sources: FactSources): Facts {
  const { linked, meter, reads } = sources
  const known = new Map<string, Layers>()
  const layersOf = (entity: EntityRef, type: LinkedType): Layers => {
    const key = entityKey(entity.type, entity.id)
    const layers = known.get(key) ?? collectLayers(entity, type, key, sources)
    known.set(key, layers)
    return layers
  }
  return {
    attribute(entity, attribute) {
      const type = linked.types.get(entity.type)
      if (type === undefined) return failure(`\`${shortenText(entity.type)}\` is no declared type`)
      const layers = layersOf(entity, type)
      noteAttribute(layers, attribute, reads)
      if (layers.attributes.has(attribute.name)) return layers.attributes.get(attribute.name)
      const result = readAttribute(layers, attribute)
      layers.attributes.set(attribute.name, result)
      return result
    },
    parents(entity) {
      const type = linked.types.get(entity.type)
      if (type === undefined || type.schema.parents.length === 0) return []
      const layers = layersOf(entity, type)
      noteParents(layers, reads)
      layers.parents ??= readParents(layers) ?? 'unknown'
      if (layers.parents === 'unknown') return undefined
      meter.step(layers.parents.length)
      return layers.parents
    },
  }
}

function collectLayers(entity: EntityRef, type: LinkedType, key: string, sources: FactSources): Layers {
  const { request, store } = sources
  const stored = store.entity({ type: entity.type, id: entity.id })
  return {
    name: describeEntity(entity),
    type,
    asked: [request.subject, request.resource].filter(({ ref }) => equalValues(ref, entity)),
    stored,
    mentioned: stored === 'absent' ? (request.entities.get(key) ?? []) : [],
    attributes: new Map(),
    parents: undefined,
  }
}

function readAttribute(layers: Layers, attribute: AttributeSchema): Result {
  const label = `\`${attribute.name}\` of ${layers.name}`
  const decoded = decodeAttribute(layers, attribute)
  if (decoded === 'unknown') return failure(`${label} is not known`, sendingPlace(layers, attribute))
  if (isIllTyped(decoded)) return toFailure(decoded, label)
  if (decoded !== undefined || attribute.isOptional) return decoded
  return failure(`${label} is missing`, sendingPlace(layers, attribute))
}

function decodeAttribute(layers: Layers, attribute: AttributeSchema): Decoded | 'unknown' {
  const { asked, stored, mentioned } = layers
  if (!attribute.isStored) {
    const sent = uniteSent(asked, attribute)
    if (sent !== undefined) return sent
  }
  if (typeof stored === 'object') {
    const json = memberOf(stored.properties ?? {}, attribute.name)
    return decodeValue(json, attribute.type, `${STORED}${pathStep(attribute.name)}`)
  }
  // A store that cannot say may hold a value for whatever the request leaves out.
  if (attribute.isStored || stored === 'unavailable') return 'unknown'
  const isKnown = mentioned.length > 0 || asked.some(({ properties }) => properties !== undefined)
  return isKnown ? uniteSent(mentioned, attribute) : 'unknown'
}

/** The path in front of what the store holds: it is none of the request. */
const STORED = 'stored'

function toFailure({ path, message, isMissing }: IllTyped, label: string): Result {
  const isStored = path.startsWith(STORED)
  const why = isMissing ? `${path} is missing` : `${message} at ${path}`
  return failure(`${label} is ill-typed: ${why}`, isStored ? {} : { path })
}

/** Where the request could send the value, if anywhere. */
function sendingPlace({ asked }: Layers, { name, isStored }: AttributeSchema): FailureOrigin {
  const [first] = asked
  return first === undefined || isStored ? {} : { path: `${first.path}.properties${pathStep(name)}` }
}

/** What is wrong where one entity is told of twice, each time otherwise. */
export const SENT_TWICE = 'sent twice with different values'

/** The one value that all inputs agree on which send any; where they differ, the attribute is ill-typed. */
export function uniteSent(inputs: readonly EntityInput[], attribute: AttributeSchema): Decoded {
  let united: Decoded
  for (const { path, properties } of inputs) {
    if (properties === undefined) continue
    const place = `${path}.properties${pathStep(attribute.name)}`
    const decoded = decodeValue(memberOf(properties, attribute.name), attribute.type, place)
    if (decoded === undefined) continue
    if (isIllTyped(decoded)) return decoded
    if (united !== undefined && !equalValues(united as Value, decoded)) {
      return { kind: 'ill-typed', path: place, message: SENT_TWICE }
    }
    united = decoded
  }
  return united
}

function readParents(layers: Layers): readonly EntityRef[] | undefined {
  const { type, asked, stored, mentioned } = layers
  const isHeld = typeof stored === 'object'
  const decodeStored = (): readonly EntityRef[] | undefined =>
    isHeld ? decodeParents((stored.parents ?? []) as unknown as JsonValue, type.schema.parents) : undefined
  if (type.schema.hasStoredParents) return decodeStored()
  const sent = sentParents(asked, type)
  if (sent.length > 0) return uniteParents(sent)
  return isHeld ? decodeStored() : uniteParents(sentParents(mentioned, type))
}

/** What each input sends as parents: beside `properties`, or inside where that is no attribute. */
export function sentParents(
  inputs: readonly EntityInput[],
  type: LinkedType,
): readonly (readonly EntityRef[] | undefined)[] {
  return inputs.flatMap((input) => {
    const json = input.parents ?? memberInside(input, 'parents', type)
    return json === undefined ? [] : [decodeParents(json, type.schema.parents)]
  })
}

/** A member that senders who can fill only `properties` put there. */
export function memberInside(input: EntityInput, name: string, type: LinkedType): JsonValue | undefined {
  if (input.properties === undefined || type.attributes.has(name)) return undefined
  return memberOf(input.properties, name)
}

/** The parents that all agree on; unknown where there are none or they differ. */
export function uniteParents(
  sent: readonly (readonly EntityRef[] | undefined)[],
): readonly EntityRef[] | undefined {
  const [first, ...others] = sent
  if (first === undefined) return undefined
  const isSame = (other: readonly EntityRef[] | undefined): boolean =>
    other !== undefined && equalValues({ kind: 'set', elements: first }, { kind: 'set', elements: other })
  return others.every(isSame) ? first : undefined
}

/** References to types that may stand above; one that is not makes the whole unknown. */
export function decodeParents(json: JsonValue, allowed: readonly string[]): readonly EntityRef[] | undefined {
  if (!Array.isArray(json)) return undefined
  // Most have one, and nothing to unite.
  if (json.length === 1) {
    const only = decodeReference(json[0])
    return only !== undefined && allowed.includes(only.type) ? [only] : undefined
  }
  const parents = new Map<string, EntityRef>()
  for (const item of json) {
    const parent = decodeReference(item)
    if (parent === undefined || !allowed.includes(parent.type)) return undefined
    parents.set(entityKey(parent.type, parent.id), parent)
  }
  return [...parents.values()]
}

function noteAttribute({ type, asked, stored }: Layers, attribute: AttributeSchema, reads: Reads): void {
  reads.attribute(type.schema.name, attribute.name)
  if (attribute.isStored) return
  for (const { path, properties } of asked) {
    reads.request(`${path}.properties${pathStep(attribute.name)}`)
    // Whether there are any properties tells whether the entity is known.
    const isSent = memberOf(properties ?? {}, attribute.name) !== undefined
    if (!isSent && stored === 'absent') reads.request(`${path}.properties`)
  }
  if (stored === 'absent') reads.request('$.entities')
}

function noteParents({ type, asked, stored }: Layers, reads: Reads): void {
  reads.parents(type.schema.name)
  if (type.schema.hasStoredParents) return
  for (const { path } of asked) {
    reads.request(`${path}.parents`)
    if (!type.attributes.has('parents')) reads.request(`${path}.properties.parents`)
  }
  if (stored === 'absent') reads.request('$.entities')
}
