// Values of case files → values of Edict.
import type { JsonObject, JsonValue } from '@edict/policy-lang'
import type { CaseRef } from '../../adapter.ts'

/** `{"$ref": {type, id}}` is a reference, `{"$ext": kind, "value": text}` a value of a type that JSON lacks. */
export function toValue(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(toValue)
  if (typeof value !== 'object' || value === null) return value
  const object = value as JsonObject
  const ref = object.$ref
  if (ref !== undefined) return toRef(ref as unknown as CaseRef)
  const kind = object.$ext
  if (kind !== undefined) return kind === 'decimal' ? Number(object.value) : (object.value ?? null)
  return toProperties(object)
}

export function toProperties(properties: JsonObject = {}): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, toValue(value)]))
}

/** Only the two members that make a reference. A name space before `::` goes. */
export function toRef({ type, id }: CaseRef): { readonly type: string; readonly id: string } {
  return { type: type.split('::').at(-1) ?? type, id }
}
