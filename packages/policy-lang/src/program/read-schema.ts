import type { ActionSchema, AttributeSchema, EntityTypeSchema, RoleSchema, Schema } from '../model/schema.ts'
import type { FieldType, Type } from '../model/types.ts'
import {
  type Reader,
  readArray,
  readBoolean,
  readObject,
  readOneOf,
  readString,
  readTagged,
  type Shape,
} from './read-json.ts'

const PRIMITIVES = ['bool', 'string', 'number', 'datetime', 'duration', 'ip'] as const
interface PrimitiveType {
  readonly kind: (typeof PRIMITIVES)[number]
}
type TypeOf<K extends Type['kind']> = Extract<Type, { readonly kind: K }>

/** Types refer to themselves: the readers of their parts are bound late. */
const readType: Reader<Type> = (json, at) => readAnyType(json, at)

const FIELD: Shape<FieldType> = { name: readString, type: readType, isOptional: readBoolean }
export const readField: Reader<FieldType> = readObject(FIELD)

/** One object a kind: with many types, most of a schema are these. */
function readPrimitive(kind: PrimitiveType['kind']): Reader<PrimitiveType> {
  const type: PrimitiveType = { kind }
  const read = readObject<PrimitiveType>({ kind: readOneOf(kind) })
  return (json, at) => {
    read(json, at)
    return type
  }
}

const readNames: Reader<readonly string[]> = readArray(readString)
const readAnyType: Reader<Type> = readTagged<Type>(
  'kind',
  new Map<string, Reader<Type>>([
    ...PRIMITIVES.map((kind) => [kind, readPrimitive(kind)] as const),
    ['enum', readObject<TypeOf<'enum'>>({ kind: readOneOf('enum'), values: readNames })],
    ['entity', readObject<TypeOf<'entity'>>({ kind: readOneOf('entity'), types: readArray(readString, 1) })],
    ['set', readObject<TypeOf<'set'>>({ kind: readOneOf('set'), element: readType })],
    ['map', readObject<TypeOf<'map'>>({ kind: readOneOf('map'), value: readType })],
    ['record', readObject<TypeOf<'record'>>({ kind: readOneOf('record'), fields: readArray(readField) })],
  ]),
)

const readAttribute = readObject<AttributeSchema>({
  ...FIELD,
  isStored: readBoolean,
  doc: { optional: readString },
})
const readAction = readObject<ActionSchema>({
  name: readString,
  parameters: readArray(readField),
  doc: { optional: readString },
})
const readGroup = readObject<EntityTypeSchema['actionGroups'][number]>({
  name: readString,
  actions: readNames,
})
const readEntityType = readObject<EntityTypeSchema>({
  name: readString,
  isSubject: readBoolean,
  isResource: readBoolean,
  parents: readNames,
  attributes: readArray(readAttribute),
  actions: readArray(readAction),
  actionGroups: readArray(readGroup),
  hasStoredParents: readBoolean,
  hasStoredRoles: readBoolean,
  doc: { optional: readString },
})
const readRole = readObject<RoleSchema>({
  name: readString,
  isInherited: readBoolean,
  parameters: readArray(readField),
  doc: { optional: readString },
})

export const readSchema: Reader<Schema> = readObject<Schema>({
  entityTypes: readArray(readEntityType),
  context: readArray(readField),
  roles: readArray(readRole),
})
