import { describeType } from '../model/describe-type.ts'
import type { Type } from '../model/types.ts'

/** How a value of a type is written: for hints where one of another type was found. */
export function hintValueOf(type: Type): string {
  switch (type.kind) {
    case 'bool':
      return 'a Bool is `true`, `false` or a comparison'
    case 'string':
      return 'a String is written `"text"`'
    case 'number':
      return 'a Number is written without quotes: `3`'
    case 'datetime':
      return 'a Datetime is written `datetime("2026-01-31T12:00:00Z")`'
    case 'duration':
      return 'a Duration is written `90s`, `5m`, `1h30m`, `30d`'
    case 'ip':
      return 'an Ip is written `ip("10.0.0.1")`'
    case 'enum':
      return `one of \`${describeType(type)}\` is needed`
    case 'entity':
      return `an entity is written with its id: \`${type.types[0] ?? 'Type'}::"…"\``
    case 'set':
      return 'a Set is written `[…]`'
    case 'map':
      return 'a Map is written `{ "key": … }`'
    case 'record':
      return `a record is written \`${describeType(type)}\`, with a value for each member`
  }
}
