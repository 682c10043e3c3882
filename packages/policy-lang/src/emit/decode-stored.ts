// Attributes of stored entities in the fast form: decoded once, as long as the store stays the same.
import type { LinkedType } from '../evaluate/link.ts'
import { memberOf } from '../model/decode-value.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import type { AttributeSchema } from '../model/schema.ts'
import type { Type } from '../model/types.ts'
import type { FastAttributes } from './entity-view.ts'
import { isFastNumber, toDatetimeMs, toDurationMs, toEntityId, toIp, toReference } from './operations.ts'
import { FAIL } from './outcome.ts'
import { singleType } from './site.ts'

/** Whether the attribute is decoded when its entity is first met. Collections, of any size, are left to whoever asks. */
export function isDecodedOnce({ name, type }: AttributeSchema): boolean {
  return !(name in Object.prototype) && !['set', 'map', 'record'].includes(type.kind)
}

export function createStoredDecoder(
  types: ReadonlyMap<string, LinkedType>,
): (type: string, properties: JsonObject) => FastAttributes {
  const known = new Map<string, readonly AttributeSchema[]>()
  const attributesOf = (type: string): readonly AttributeSchema[] => {
    const attributes = types.get(type)?.schema.attributes.filter(isDecodedOnce)
    if (attributes === undefined) return []
    known.set(type, attributes)
    return attributes
  }
  return (type, properties) => {
    const fast: Record<string, unknown> = {}
    // All of a type have the same members in the same order: one kind of object to the machine.
    for (const { name, type: valueType, isOptional } of known.get(type) ?? attributesOf(type)) {
      const value = decode(memberOf(properties, name), valueType)
      fast[name] = value === undefined && !isOptional ? FAIL : value
    }
    return fast
  }
}

function decode(json: JsonValue | undefined, type: Type): unknown {
  if (json === undefined) return undefined
  switch (type.kind) {
    case 'bool':
      return typeof json === 'boolean' ? json : FAIL
    case 'string':
      return typeof json === 'string' ? json : FAIL
    case 'number':
      return isFastNumber(json) ? json : FAIL
    case 'enum':
      return typeof json === 'string' && type.values.includes(json) ? json : FAIL
    case 'datetime':
      return toDatetimeMs(json)
    case 'duration':
      return toDurationMs(json)
    case 'ip':
      return toIp(json)
    case 'entity': {
      const single = singleType(type)
      return single === undefined ? toReference(json, new Set(type.types)) : toEntityId(json, single)
    }
    default:
      return FAIL
  }
}
