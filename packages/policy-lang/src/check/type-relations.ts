import { compareCodePoints } from '../model/code-points.ts'
import { isNothing } from '../model/describe-type.ts'
import type { FieldType, Type } from '../model/types.ts'

export const BOOL: Type = { kind: 'bool' }
export const STRING: Type = { kind: 'string' }
export const NUMBER: Type = { kind: 'number' }
export const DATETIME: Type = { kind: 'datetime' }
export const DURATION: Type = { kind: 'duration' }
export const IP: Type = { kind: 'ip' }
/** The element type of `[]`: fits everywhere. */
export const NOTHING: Type = { kind: 'enum', values: [] }

export function toSorted(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort(compareCodePoints)
}

export function entityOf(types: readonly string[]): Type {
  return { kind: 'entity', types }
}

/** The least type that holds both, or `undefined` where the language has none. */
export function joinTypes(a: Type, b: Type): Type | undefined {
  if (a === b || isNothing(b)) return a
  if (isNothing(a)) return b
  if (a.kind === 'enum' && b.kind === 'enum')
    return { kind: 'enum', values: toSorted([...a.values, ...b.values]) }
  if (isText(a) && isText(b)) return STRING
  if (a.kind === 'entity' && b.kind === 'entity') return entityOf(toSorted([...a.types, ...b.types]))
  if (a.kind === 'set' && b.kind === 'set')
    return wrap(joinTypes(a.element, b.element), (element) => ({ kind: 'set', element }))
  if (a.kind === 'map' && b.kind === 'map')
    return wrap(joinTypes(a.value, b.value), (value) => ({ kind: 'map', value }))
  if (a.kind === 'record' && b.kind === 'record') return joinRecords(a.fields, b.fields)
  return a.kind === b.kind ? a : undefined
}

/** Joins types one after the other, in time that grows with their members and not with their square. */
export interface TypeJoin {
  /** False where the language has no type that holds all: then the type is left out. */
  add(type: Type): boolean
  current(): Type
}

export function createTypeJoin(first: Type = NOTHING): TypeJoin {
  let joined = first
  // Members of unions of literals or of entity types that are joined, until somebody asks for them.
  let members: Set<string> | undefined
  const current = (): Type => {
    if (members === undefined) return joined
    const names = toSorted(members)
    joined = joined.kind === 'entity' ? entityOf(names) : { kind: 'enum', values: names }
    members = undefined
    return joined
  }
  return {
    current,
    add: (type) => {
      if (isNothing(type)) return true
      const added = membersOf(type)
      const known = joined.kind === type.kind ? membersOf(joined) : undefined
      if (added === undefined || known === undefined || known.length === 0 || type === joined) {
        const wider = joinTypes(current(), type)
        joined = wider ?? joined
        return wider !== undefined
      }
      members ??= new Set(known)
      for (const member of added) members.add(member)
      return true
    },
  }
}

function membersOf(type: Type): readonly string[] | undefined {
  if (type.kind === 'enum') return type.values
  return type.kind === 'entity' ? type.types : undefined
}

export function isText(type: Type): boolean {
  return type.kind === 'string' || type.kind === 'enum'
}

function wrap(inner: Type | undefined, build: (type: Type) => Type): Type | undefined {
  return inner === undefined ? undefined : build(inner)
}

/** A member that one of them lacks must be optional in the other. */
function joinRecords(a: readonly FieldType[], b: readonly FieldType[]): Type | undefined {
  const byName = new Map(b.map((field) => [field.name, field]))
  const fields: FieldType[] = []
  for (const field of a) {
    const other = byName.get(field.name)
    const type = other === undefined ? field.type : joinTypes(field.type, other.type)
    if (type === undefined || (other === undefined && !field.isOptional)) return undefined
    byName.delete(field.name)
    fields.push({ name: field.name, type, isOptional: field.isOptional || (other?.isOptional ?? true) })
  }
  if ([...byName.values()].some((field) => !field.isOptional)) return undefined
  return { kind: 'record', fields: [...fields, ...byName.values()] }
}

/** Whether every value of `from` is a value of `to`. */
export function isAssignable(from: Type, to: Type): boolean {
  if (from === to || isNothing(from)) return true
  if (to.kind === 'string') return isText(from)
  if (from.kind === 'enum' && to.kind === 'enum') return isSubset(from.values, to.values)
  if (from.kind === 'entity' && to.kind === 'entity') return isSubset(from.types, to.types)
  if (from.kind === 'set' && to.kind === 'set') return isAssignable(from.element, to.element)
  if (from.kind === 'map' && to.kind === 'map') return isAssignable(from.value, to.value)
  if (from.kind === 'record' && to.kind === 'record') return isRecordAssignable(from.fields, to.fields)
  return from.kind === to.kind
}

function isRecordAssignable(from: readonly FieldType[], to: readonly FieldType[]): boolean {
  const given = new Map(from.map((field) => [field.name, field]))
  const wanted = new Set(to.map((field) => field.name))
  return (
    from.every((field) => wanted.has(field.name)) &&
    to.every((field) => {
      const found = given.get(field.name)
      if (found === undefined) return field.isOptional
      return (field.isOptional || !found.isOptional) && isAssignable(found.type, field.type)
    })
  )
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const members = toLookup(whole)
  return part.every((member) => members(member))
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  const [few, many] = a.length < b.length ? [a, b] : [b, a]
  const members = toLookup(many)
  return few.some((member) => members(member))
}

/** From here on a list is turned into a set once, rather than searched each time. */
const LONG = 16
// A memo: thousands of rules compare with one union of thousands of literals.
const lookups = new WeakMap<readonly string[], ReadonlySet<string>>()

function toLookup(names: readonly string[]): (name: string) => boolean {
  if (names.length < LONG) return (name) => names.includes(name)
  let members = lookups.get(names)
  if (members === undefined) {
    members = new Set(names)
    lookups.set(names, members)
  }
  const known = members
  return (name) => known.has(name)
}

/** `impossible`: of one kind, but no value of one is ever a value of the other. `mismatch`: of different kinds. */
export type Comparability = 'possible' | 'impossible' | 'mismatch'

export function compareTypes(a: Type, b: Type): Comparability {
  if (a === b || isNothing(a) || isNothing(b)) return 'possible'
  if (a.kind === 'enum' && b.kind === 'enum') return overlaps(a.values, b.values) ? 'possible' : 'impossible'
  if (isText(a) && isText(b)) return 'possible'
  if (a.kind === 'entity' && b.kind === 'entity')
    return overlaps(a.types, b.types) ? 'possible' : 'impossible'
  // Two sets can be equal by being empty.
  if (a.kind === 'set' && b.kind === 'set') return possibleUnlessMismatch(a.element, b.element)
  if (a.kind === 'map' && b.kind === 'map') return possibleUnlessMismatch(a.value, b.value)
  if (a.kind === 'record' && b.kind === 'record')
    return joinTypes(a, b) === undefined ? 'mismatch' : 'possible'
  return a.kind === b.kind ? 'possible' : 'mismatch'
}

function possibleUnlessMismatch(a: Type, b: Type): Comparability {
  return compareTypes(a, b) === 'mismatch' ? 'mismatch' : 'possible'
}
