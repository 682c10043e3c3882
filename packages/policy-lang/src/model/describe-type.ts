import type { Type } from './types.ts'

/** A type as an author would write it, for messages. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'bool':
      return 'Bool'
    case 'string':
      return 'String'
    case 'number':
      return 'Number'
    case 'datetime':
      return 'Datetime'
    case 'duration':
      return 'Duration'
    case 'ip':
      return 'Ip'
    case 'enum':
      return type.values.map((value) => JSON.stringify(value)).join(' | ')
    case 'entity':
      return type.types.join(' | ')
    case 'set':
      return `Set<${describeType(type.element)}>`
    case 'map':
      return `Map<${describeType(type.value)}>`
    case 'record': {
      const fields = type.fields.map(
        (field) => `${field.name}${field.isOptional ? '?' : ''}: ${describeType(field.type)}`,
      )
      return `{${fields.join(', ')}}`
    }
  }
}
