// Takes away from data and request all that an answer says it does not rest on.
import type { Footprint } from '@edict/policy-lang'
import type { EntityData } from '../../packages/policy-lang/src/model/entity-data.ts'
import type { JsonEntityRef, JsonValue } from '../../packages/policy-lang/src/model/request.ts'
import type { PolicyQuestion } from './arbitraries/policy-case.ts'

const isObject = (value: unknown): value is { readonly [name: string]: JsonValue } =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Leaves members out by name. */
function pickMembers(value: object, isKept: (name: string) => boolean): { [name: string]: JsonValue } {
  return Object.fromEntries(Object.entries(value).filter(([name]) => isKept(name)))
}

/** The data with only the attributes, parents and assignments that the footprint names. */
export function keepFootprintOfData(data: EntityData, footprint: Footprint): EntityData {
  const entities = (data.entities ?? []).map((entity) => {
    const isRead = (name: string): boolean =>
      footprint.attributes.some(({ type, attribute }) => type === entity.type && attribute === name)
    const parents = footprint.parents.includes(entity.type) ? (entity.parents ?? []) : []
    return {
      type: entity.type,
      id: entity.id,
      properties: pickMembers(entity.properties ?? {}, isRead),
      parents,
    }
  })
  const assignments = (data.assignments ?? []).filter(({ role }) => footprint.assignments.includes(role))
  return { entities, assignments }
}

const step = (name: string): string =>
  /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`

/** The members of an object that the footprint names, or that hold something it names. */
function keepRead(json: object, path: string, { request }: Footprint): { [name: string]: JsonValue } {
  return pickMembers(json, (name) => {
    const own = `${path}${step(name)}`
    return request.some((read) => read === own || own.startsWith(`${read}.`) || read.startsWith(own))
  })
}

/** Type and id stay; so do `properties`, since that they are sent at all makes an entity known. */
function keepEntity<T extends JsonEntityRef>(entity: T, path: string, footprint: Footprint): T {
  const properties: unknown = 'properties' in entity ? entity.properties : undefined
  const sent = isObject(properties)
    ? { properties: keepRead(properties, `${path}.properties`, footprint) }
    : {}
  return { ...keepRead(entity, path, footprint), type: entity.type, id: entity.id, ...sent } as unknown as T
}

/** The request with only the members that the footprint names. */
export function keepFootprintOfRequest(question: PolicyQuestion, footprint: Footprint): PolicyQuestion {
  const { subject, action, resource, context, entities } = question.request
  const areEntitiesRead = footprint.request.some((path) => path.startsWith('$.entities'))
  return {
    now: question.now,
    request: {
      subject: keepEntity(subject, '$.subject', footprint),
      resource: keepEntity(resource, '$.resource', footprint),
      action: {
        name: action.name,
        ...(isObject(action.properties) && {
          properties: keepRead(action.properties, '$.action.properties', footprint),
        }),
      },
      ...(isObject(context) && { context: keepRead(context, '$.context', footprint) }),
      ...(areEntitiesRead && entities !== undefined && { entities }),
    },
  }
}
