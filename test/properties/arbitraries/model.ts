// What a generated policy set declares, as the code that generates the rest needs it.

export type Type =
  | { readonly kind: 'bool' | 'string' | 'number' | 'datetime' | 'duration' | 'ip' }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'entity'; readonly types: readonly string[] }
  | { readonly kind: 'set'; readonly element: Type }
  | { readonly kind: 'map'; readonly value: Type }
  | { readonly kind: 'record'; readonly fields: readonly Field[] }

export interface Field {
  readonly name: string
  readonly type: Type
  readonly isOptional: boolean
}

export interface Attribute extends Field {
  readonly isStored: boolean
}

export interface Action {
  readonly name: string
  readonly parameters: readonly Field[]
}

export interface EntityType {
  readonly name: string
  readonly isSubject: boolean
  readonly isResource: boolean
  readonly above: readonly string[]
  readonly attributes: readonly Attribute[]
  readonly actions: readonly Action[]
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[]
  readonly hasStoredParents: boolean
  readonly hasStoredRoles: boolean
}

/** Roles of a lower level may be asked anywhere, of the same level only where nothing can turn the answer round. */
export interface Role {
  readonly name: string
  readonly level: number
  readonly isInherited: boolean
  readonly parameters: readonly Field[]
}

/** A `fn`, or a `let` where there are no parameters. */
export interface Fn {
  readonly name: string
  readonly isLet: boolean
  readonly parameters: readonly Field[]
  readonly returns: Type
  /** The types that `resource` may have where it is called; undefined: it does not name it. */
  readonly resourceTypes: readonly string[] | undefined
  readonly asksRole: boolean
  readonly hasQuantifier: boolean
  /** It may teach something about types where it is called. */
  readonly testsTypes: boolean
}

export interface Duty {
  readonly name: string
  readonly parameters: readonly { readonly name: string; readonly type: Type }[]
}

export interface Model {
  readonly types: readonly EntityType[]
  readonly context: readonly Field[]
  readonly trustsStore: boolean
  readonly roles: readonly Role[]
  readonly duties: readonly Duty[]
}

export const typeNamed = (model: Model, name: string): EntityType => {
  const found = model.types.find((type) => type.name === name)
  if (found === undefined) throw new Error(`no type ${name}`)
  return found
}

/** The types that an entity of this type may lie below, near or far. */
export function typesAbove(model: Model, name: string): readonly string[] {
  const found: string[] = []
  const open = [...typeNamed(model, name).above]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.includes(next)) continue
    found.push(next)
    open.push(...typeNamed(model, next).above)
  }
  return found
}

export function isSameType(a: Type, b: Type): boolean {
  if (a.kind === 'enum' && b.kind === 'enum') return isSameList(a.values, b.values)
  if (a.kind === 'entity' && b.kind === 'entity') return isSameList(a.types, b.types)
  if (a.kind === 'set' && b.kind === 'set') return isSameType(a.element, b.element)
  if (a.kind === 'map' && b.kind === 'map') return isSameType(a.value, b.value)
  if (a.kind === 'record' && b.kind === 'record') return a === b
  return a.kind === b.kind
}

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each))

// --- text ---

const RESERVED = new Set(['true', 'false', 'subject', 'action', 'resource', 'context', 'some', 'every'])

/** A name as it stands in policy text. */
export function writeName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : JSON.stringify(name)
}

export const writeEntity = (type: string, id: string): string => `${writeName(type)}::${JSON.stringify(id)}`

export function writeType(type: Type): string {
  switch (type.kind) {
    case 'enum':
      return type.values.map((value) => JSON.stringify(value)).join(' | ')
    case 'entity':
      return type.types.map(writeName).join(' | ')
    case 'set':
      return `Set<${writeType(type.element)}>`
    case 'map':
      return `Map<${writeType(type.value)}>`
    case 'record':
      return `{ ${type.fields.map(writeField).join(', ')} }`
    default:
      return `${type.kind.charAt(0).toUpperCase()}${type.kind.slice(1)}`
  }
}

export const writeField = (field: Field): string =>
  `${writeName(field.name)}${field.isOptional ? '?' : ''}: ${writeType(field.type)}`
