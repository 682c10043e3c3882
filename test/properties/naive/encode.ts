// Values to JSON, as obligations and advice carry them.
import type { JsonValue } from '../../../packages/policy-lang/src/model/request.ts'
import { writeAddress } from './addresses.ts'
import { canonicalJson, compareText } from './order.ts'
import { writeInstant } from './times.ts'
import type { Value } from './values.ts'

function compareJson(a: JsonValue, b: JsonValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return compareText(canonicalJson(a), canonicalJson(b))
}

export function encode(value: Value): JsonValue {
  switch (value.kind) {
    case 'bool':
      return value.bool
    case 'text':
      return value.text
    case 'number':
      return value.number === 0 ? 0 : value.number
    case 'instant':
      return writeInstant(value.ms)
    case 'span':
      return value.ms === 0 ? 0 : value.ms / 1000
    case 'ip':
      return writeAddress(value)
    case 'reference':
      return { type: value.type, id: value.id }
    case 'set':
      return value.members.map(encode).sort(compareJson)
    case 'fields':
      return Object.fromEntries([...value.fields].map(([key, field]) => [key, encode(field)]))
  }
}
