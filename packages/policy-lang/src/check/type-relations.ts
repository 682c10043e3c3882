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
  if (part.length === 1) return whole.includes(part[0] as string)
  const members = new Set(whole)
  return part.every((member) => members.has(member))
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 1) return b.includes(a[0] as string)
  if (b.length === 1) return a.includes(b[0] as string)
  const members = new Set(a)
  return b.some((member) => members.has(member))
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
