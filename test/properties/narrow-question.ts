// Takes away from data and request all that an answer says it does not rest on.
import type { Footprint } from '@edict/policy-lang'
import type { EntityData } from '../../packages/policy-lang/src/model/entity-data.ts'
import type { JsonValue } from '../../packages/policy-lang/src/model/request.ts'
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

/** The members of `properties` and `context` that a path of the footprint covers. */
function keepRead(json: JsonValue, path: string, read: readonly string[]): JsonValue {
  if (!isObject(json)) return json
  return pickMembers(json, (name) => {
    const own = `${path}${step(name)}`
    return read.some((each) => own === each || own.startsWith(`${each}.`) || each.startsWith(own))
  })
}

/** The request with only the members that the footprint names. */
export function keepFootprintOfRequest(
  { request, now }: PolicyQuestion,
  footprint: Footprint,
): PolicyQuestion {
  const read = footprint.request
  const keep = <T extends object>(entity: T, path: string): T => {
    const properties: unknown = 'properties' in entity ? entity.properties : undefined
    if (!isObject(properties)) return entity
    return { ...entity, properties: keepRead(properties, `${path}.properties`, read) }
  }
  const context =
    request.context === undefined ? {} : { context: keepRead(request.context, '$.context', read) }
  return {
    request: {
      ...request,
      subject: keep(request.subject, '$.subject'),
      action: keep(request.action, '$.action'),
      resource: keep(request.resource, '$.resource'),
      ...context,
    } as PolicyQuestion['request'],
    now,
  }
}
