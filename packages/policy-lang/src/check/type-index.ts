import type { ActionSchema, AttributeSchema, EntityTypeSchema, Schema } from '../model/schema.ts'
import type { FieldType } from '../model/types.ts'
import { STRING } from './type-relations.ts'

/** The schema as the checks ask for it: by name, and along the `in` graph. */
export interface TypeIndex {
  readonly schema: Schema
  has(type: string): boolean
  get(type: string): EntityTypeSchema | undefined
  /** `id` included. */
  attribute(type: string, name: string): AttributeSchema | undefined
  action(type: string, name: string): ActionSchema | undefined
  parameter(type: string, action: string, name: string): FieldType | undefined
  /** Of all types together. */
  readonly actionNames: ReadonlySet<string>
  readonly groupNames: ReadonlySet<string>
  readonly parameterNames: ReadonlySet<string>
  /** Actions of a group. */
  group(type: string, name: string): readonly string[] | undefined
  /** Every declared entity type, sorted. */
  readonly names: readonly string[]
  readonly subjects: readonly string[]
  readonly resources: readonly string[]
  /** Types that an entity of this type is of or can lie below, however far. */
  above(type: string): ReadonlySet<string>
  /** Types of which an entity is of this type or can lie below it. */
  below(type: string): ReadonlySet<string>
  /** Types that declare an attribute of this name. */
  typesWith(attribute: string): ReadonlySet<string>
}

const ID: AttributeSchema = { name: 'id', type: STRING, isOptional: false, isStored: false }

export function createTypeIndex(schema: Schema): TypeIndex {
  const types = new Map(schema.entityTypes.map((type) => [type.name, type]))
  const attributes = new Map<string, ReadonlyMap<string, AttributeSchema>>()
  const actions = new Map<string, ReadonlyMap<string, ActionSchema>>()
  const groups = new Map<string, ReadonlyMap<string, readonly string[]>>()
  const typesWith = new Map<string, Set<string>>()
  const children = new Map<string, string[]>()
  for (const type of schema.entityTypes) {
    attributes.set(
      type.name,
      new Map([ID, ...type.attributes].map((attribute) => [attribute.name, attribute])),
    )
    actions.set(type.name, new Map(type.actions.map((action) => [action.name, action])))
    groups.set(type.name, new Map(type.actionGroups.map((group) => [group.name, group.actions])))
    for (const { name } of type.attributes) addTo(typesWith, name, type.name)
    for (const parent of type.parents) {
      const known = children.get(parent)
      if (known === undefined) children.set(parent, [type.name])
      else known.push(type.name)
    }
  }
  const names = [...types.keys()]
  return {
    schema,
    has: (type) => types.has(type),
    get: (type) => types.get(type),
    attribute: (type, name) => attributes.get(type)?.get(name),
    action: (type, name) => actions.get(type)?.get(name),
    parameter: (type, action, name) =>
      actions
        .get(type)
        ?.get(action)
        ?.parameters.find((parameter) => parameter.name === name),
    actionNames: new Set(schema.entityTypes.flatMap((type) => type.actions.map((action) => action.name))),
    groupNames: new Set(schema.entityTypes.flatMap((type) => type.actionGroups.map((group) => group.name))),
    parameterNames: new Set(
      schema.entityTypes.flatMap((type) =>
        type.actions.flatMap((action) => action.parameters.map((parameter) => parameter.name)),
      ),
    ),
    group: (type, name) => groups.get(type)?.get(name),
    names,
    subjects: names.filter((name) => types.get(name)?.isSubject),
    resources: names.filter((name) => types.get(name)?.isResource),
    above: memoiseReach((type) => types.get(type)?.parents ?? []),
    below: memoiseReach((type) => children.get(type) ?? []),
    typesWith: (attribute) => (attribute === 'id' ? new Set(names) : (typesWith.get(attribute) ?? new Set())),
  }
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([value]))
  else known.add(value)
}

function memoiseReach(next: (type: string) => readonly string[]): (type: string) => ReadonlySet<string> {
  const memo = new Map<string, ReadonlySet<string>>()
  return (type) => {
    const known = memo.get(type)
    if (known !== undefined) return known
    const reached = new Set([type])
    // A Set is walked in insertion order, also over what is added meanwhile.
    for (const member of reached) for (const further of next(member)) reached.add(further)
    memo.set(type, reached)
    return reached
  }
}
