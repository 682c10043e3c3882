// Sources that hold relationships: who stands in which relation to what. The translation says what becomes of each:
// a role's assignment, an attribute, or a place in the hierarchy. What it does not take up is an error, never dropped.
import type {
  AssignmentRecord,
  EntityData,
  JsonObject,
  JsonValue,
  RequestEntity,
  Schema,
  TargetRecord,
  Type,
} from '@edict/policy-lang'
import type {
  AdaptedSet,
  CaseEntity,
  CaseRef,
  CaseRelationship,
  CaseRequest,
  CaseSet,
} from '../../adapter.ts'
import { toProperties, toRef } from './values.ts'

export interface RelationshipOptions {
  readonly schema: Schema
  /** Relations by which the subject lies in the resource, where both directions are declared. */
  readonly below?: readonly string[]
}

/** An entity while relationships are gathered. */
interface Growing {
  readonly ref: CaseRef
  readonly properties: Map<string, JsonValue>
  readonly parents: CaseRef[]
}

/**
 * For `subject` (or whoever has `relation` to it) – `relation` → `resource`, the first that the translation declares:
 *
 * 1. the resource's type has an attribute `relation`: its value, or a member of it where it is a set (of records, where
 *    relationships end or hold under a condition);
 * 2. there is a role `relation` that the subject can hold (with a condition, `relation_condition` before `relation`):
 *    an assignment to the subject, to the type for the id `*`, or to the holders of the role `relation` of the subject;
 * 3. the subject's type may lie in the resource's: it does;
 * 4. the resource's type may lie in the subject's: it does.
 *
 * All entities that a relationship, an object or a request names are held, so that nothing about them is unknown:
 * a set of entities that no relationship fills is empty.
 */
export function adaptRelationships(set: CaseSet, options: RelationshipOptions): AdaptedSet {
  const relationships = set.relationships ?? []
  const asked = set.requests.flatMap(({ subject, resource }) => [toRef(subject), toRef(resource)])
  const entities = [...(set.objects ?? []), ...(set.entities ?? []), ...asked]
  return {
    data: gather(relationships, entities, options),
    toQuestion: (request) => {
      const extra = extraOf(request)
      return {
        request: {
          subject: toRequestEntity(request.subject),
          action: { name: request.action },
          resource: toRequestEntity(request.resource),
          context: toProperties(request.context),
        },
        ...(extra.length > 0 && { data: gather([...relationships, ...extra], entities, options) }),
      }
    },
  }
}

function toRequestEntity(entity: CaseEntity): RequestEntity {
  const properties = toProperties(entity.properties)
  return { ...toRef(entity), ...(Object.keys(properties).length > 0 && { properties }) }
}

/** Relationships that hold for one request. */
function extraOf(request: CaseRequest): readonly CaseRelationship[] {
  return (request.extra_relationships ?? []) as readonly CaseRelationship[]
}

function gather(
  relationships: readonly CaseRelationship[],
  objects: readonly CaseEntity[],
  options: RelationshipOptions,
): EntityData {
  const entities = new Map<string, Growing>()
  const assignments: AssignmentRecord[] = []
  for (const object of objects) {
    const entity = entityOf(entities, object)
    for (const [name, value] of Object.entries(toProperties(object.properties))) {
      entity.properties.set(name, value)
    }
  }
  for (const relationship of relationships) place(relationship, entities, assignments, options)
  for (const entity of entities.values()) fillSets(entity, options.schema)
  return {
    entities: [...entities.values()].map(({ ref, properties, parents }) => ({
      ...ref,
      properties: Object.fromEntries(properties),
      parents,
    })),
    assignments,
  }
}

function place(
  relationship: CaseRelationship,
  entities: Map<string, Growing>,
  assignments: AssignmentRecord[],
  options: RelationshipOptions,
): void {
  const { subject, relation } = relationship
  const resource = entityOf(entities, relationship.resource)
  if (subject.id !== '*') entityOf(entities, subject)
  const attribute = options.schema.entityTypes
    .find(({ name }) => name === resource.ref.type)
    ?.attributes.find(({ name }) => name === relation)
  if (attribute !== undefined) {
    const isSet = attribute.type.kind === 'set'
    addValue(resource, relation, toAttributeValue(relationship, attribute.type), isSet)
    return
  }
  const role = roleOf(relationship, options.schema)
  if (role !== undefined && !isPlaceOnly(relationship, options.schema)) {
    assignments.push(toAssignment(role, relationship, options.schema))
    return
  }
  refuseLimits(relationship)
  const [lower, upper] = directionOf(relationship, options)
  entityOf(entities, lower).parents.push(toRef(upper))
}

/** An entity; where the attribute is a set of records, a record of the entity and of what limits the relationship. */
function toAttributeValue(relationship: CaseRelationship, type: Type): JsonValue {
  const ref = toRef(relationship.subject)
  if (type.kind !== 'set' || type.element.kind !== 'record') {
    refuseLimits(relationship)
    return ref
  }
  const limits = toProperties({
    ...relationship.condition?.context,
    ...(relationship.expiration !== undefined && { expires: relationship.expiration }),
  })
  const fields = type.element.fields.map((field) => [
    field.name,
    field.type.kind === 'entity' ? ref : limits[field.name],
  ])
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

/** Neither an attribute nor a place ends by itself, or holds under a condition: nothing may get lost here. */
function refuseLimits({ relation, condition, expiration }: CaseRelationship): void {
  if (condition === undefined && expiration === undefined) return
  throw new Error(`what limits \`${relation}\` is not taken up: a role, or a set of records, is needed`)
}

/** What never asks holds no role: an organization that owns a repository is the place where it lies. */
function isPlaceOnly({ subject, resource }: CaseRelationship, { entityTypes }: Schema): boolean {
  if (subject.relation !== undefined || subject.id === '*') return false
  const upper = toRef(subject).type
  const isSubject = entityTypes.some(({ name, isSubject }) => name === upper && isSubject)
  const isAbove = entityTypes.some(
    ({ name, parents }) => name === toRef(resource).type && parents.includes(upper),
  )
  return isAbove && !isSubject
}

function fillSets({ ref, properties }: Growing, schema: Schema): void {
  const attributes = schema.entityTypes.find(({ name }) => name === ref.type)?.attributes ?? []
  for (const { name, type, isOptional } of attributes) {
    if (isFilledByRelationships(type) && !isOptional && !properties.has(name)) properties.set(name, [])
  }
}

function isFilledByRelationships(type: Type): boolean {
  if (type.kind !== 'set') return false
  const { element } = type
  return element.kind === 'record'
    ? element.fields.some((field) => field.type.kind === 'entity')
    : element.kind === 'entity'
}

function addValue({ properties }: Growing, name: string, value: JsonValue, isSet: boolean): void {
  const before = properties.get(name)
  if (isSet) properties.set(name, [...(Array.isArray(before) ? before : []), value])
  else if (before === undefined) properties.set(name, value)
  else throw new Error(`\`${name}\` stands for several: a set, or a role, is needed`)
}

function roleOf({ relation, condition }: CaseRelationship, schema: Schema): string | undefined {
  const wanted = condition === undefined ? [relation] : [`${relation}_${condition.name}`, relation]
  return wanted.find((name) => schema.roles.some((role) => role.name === name))
}

function toAssignment(role: string, relationship: CaseRelationship, schema: Schema): AssignmentRecord {
  const { subject, resource, condition, expiration } = relationship
  const parameters = schema.roles.find(({ name }) => name === role)?.parameters ?? []
  const values = toProperties(condition?.context)
  const declared = parameters.flatMap(({ name }) =>
    Object.hasOwn(values, name) ? [[name, values[name] ?? null] as const] : [],
  )
  // A condition that no parameter, and no role of its own, takes up would be lost.
  if (condition !== undefined && parameters.length === 0 && !role.endsWith(`_${condition.name}`)) {
    throw new Error(`the condition \`${condition.name}\` of \`${relationship.relation}\` is not taken up`)
  }
  const expires = expiration as string | undefined
  return {
    role,
    to: toTarget(subject, schema),
    on: toRef(resource),
    ...(declared.length > 0 && { with: Object.fromEntries(declared) as JsonObject }),
    ...(expires !== undefined && { expires }),
  }
}

/** Members of a group are meant by the group where membership is a place in the hierarchy. */
function toTarget(subject: CaseRelationship['subject'], schema: Schema): TargetRecord {
  const { type, id } = toRef(subject)
  const { relation } = subject
  if (id === '*') return { type }
  if (relation === undefined) return { type, id }
  return schema.roles.some(({ name }) => name === relation)
    ? { role: relation, on: { type, id } }
    : { type, id }
}

/** What lies below, and in what. */
function directionOf(
  { subject, relation, resource }: CaseRelationship,
  { schema, below = ['member', 'child'] }: RelationshipOptions,
): readonly [CaseRef, CaseRef] {
  const liesIn = (lower: CaseRef, upper: CaseRef): boolean =>
    schema.entityTypes.some(
      ({ name, parents }) => name === toRef(lower).type && parents.includes(toRef(upper).type),
    )
  const isBelow = liesIn(subject, resource)
  const isAbove = liesIn(resource, subject)
  if (isBelow && (!isAbove || below.includes(relation))) return [subject, resource]
  if (isAbove) return [resource, subject]
  throw new Error(
    `nothing takes up \`${relation}\` of ${resource.type} to ${subject.type}: no attribute, role or parent`,
  )
}

function entityOf(entities: Map<string, Growing>, entity: CaseRef): Growing {
  const ref = toRef(entity)
  const key = JSON.stringify([ref.type, ref.id])
  const found = entities.get(key)
  if (found !== undefined) return found
  const made: Growing = { ref, properties: new Map(), parents: [] }
  entities.set(key, made)
  return made
}
