// JSON to values by declared type. A value that does not fit in every part is ill-typed as a whole.
import type { JsonValue } from '../../../packages/policy-lang/src/model/request.ts'
import { readAddress } from './addresses.ts'
import type { Fields as FieldTypes, Schema, Type } from './schema.ts'
import { readEpoch, readInstant, readSpan } from './times.ts'
import { bool, reference, text, toSet, type Value } from './values.ts'

/** Nothing: not sent. */
export type Decoded = Value | 'illTyped' | undefined

/** A member of a JSON object; `null` and what only the prototype has count as not there. */
export function member(object: JsonValue | undefined, name: string): JsonValue | undefined {
  if (object === null || typeof object !== 'object' || Array.isArray(object)) return undefined
  if (!Object.hasOwn(object, name)) return undefined
  return (object as { [key: string]: JsonValue })[name] ?? undefined
}

function isJsonObject(json: JsonValue | undefined): json is { [key: string]: JsonValue } {
  return json !== null && typeof json === 'object' && !Array.isArray(json)
}

function decodeReference(json: JsonValue, types: readonly string[], schema: Schema): Decoded {
  if (typeof json === 'string' && types.length === 1) return reference(types[0] ?? '', json)
  const type = member(json, 'type')
  const id = member(json, 'id')
  if (typeof type !== 'string' || typeof id !== 'string') return 'illTyped'
  return types.includes(type) && schema.types.has(type) ? reference(type, id) : 'illTyped'
}

function decodeSet(json: JsonValue, element: Type, schema: Schema): Decoded {
  if (!Array.isArray(json)) return 'illTyped'
  const members: Value[] = []
  for (const item of json as readonly JsonValue[]) {
    const value = decode(item, element, schema)
    if (value === undefined || value === 'illTyped') return 'illTyped'
    members.push(value)
  }
  return toSet(members)
}

function decodeMap(json: JsonValue, type: Type, schema: Schema): Decoded {
  if (!isJsonObject(json)) return 'illTyped'
  const fields = new Map<string, Value>()
  for (const key of Object.keys(json)) {
    const value = decode(member(json, key), type, schema)
    if (value === 'illTyped') return 'illTyped'
    if (value !== undefined) fields.set(key, value)
  }
  return { kind: 'fields', isMap: true, fields }
}

function decodeRecord(json: JsonValue, types: FieldTypes, schema: Schema): Decoded {
  if (!isJsonObject(json)) return 'illTyped'
  const fields = new Map<string, Value>()
  for (const [key, { type, isOptional }] of types) {
    const value = decode(member(json, key), type, schema)
    if (value === 'illTyped') return 'illTyped'
    if (value !== undefined) fields.set(key, value)
    else if (!isOptional) return 'illTyped'
  }
  return { kind: 'fields', isMap: false, fields }
}

function decodeText(json: string, type: Type): Decoded {
  switch (type.kind) {
    case 'string':
      return text(json)
    case 'enum':
      return type.values.includes(json) ? text(json) : 'illTyped'
    case 'datetime': {
      const ms = readInstant(json)
      return ms === undefined ? 'illTyped' : { kind: 'instant', ms }
    }
    case 'duration': {
      const ms = readSpan(json)
      return ms === undefined ? 'illTyped' : { kind: 'span', ms }
    }
    case 'ip':
      return readAddress(json) ?? 'illTyped'
    default:
      return 'illTyped'
  }
}

function decodeNumber(json: number, type: Type): Decoded {
  if (type.kind === 'number') {
    return Math.abs(json) <= Number.MAX_SAFE_INTEGER ? { kind: 'number', number: json } : 'illTyped'
  }
  if (type.kind !== 'datetime') return 'illTyped'
  const ms = readEpoch(json)
  return ms === undefined ? 'illTyped' : { kind: 'instant', ms }
}

export function decode(json: JsonValue | undefined, type: Type, schema: Schema): Decoded {
  if (json === undefined || json === null) return undefined
  if (type.kind === 'entity') return decodeReference(json, type.types, schema)
  if (type.kind === 'set') return decodeSet(json, type.element, schema)
  if (type.kind === 'map') return decodeMap(json, type.value, schema)
  if (type.kind === 'record') return decodeRecord(json, type.fields, schema)
  if (typeof json === 'string') return decodeText(json, type)
  if (typeof json === 'number') return decodeNumber(json, type)
  if (typeof json === 'boolean' && type.kind === 'bool') return bool(json) as Value
  return 'illTyped'
}
