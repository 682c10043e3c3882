import type { FieldType, Type } from './types.ts'

/** How many literals or types of a union a message shows. */
const SHOWN_MEMBERS = 6

/** A type as the author would write it, cut where it is long. */
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
      return listMembers(type.values, (value) => JSON.stringify(value))
    case 'entity':
      return listMembers(type.types, (name) => name)
    case 'set':
      return isNothing(type.element) ? 'Set' : `Set<${describeType(type.element)}>`
    case 'map':
      return `Map<${describeType(type.value)}>`
    case 'record':
      return `{${type.fields.slice(0, SHOWN_MEMBERS).map(describeField).join(', ')}${type.fields.length > SHOWN_MEMBERS ? ', …' : ''}}`
  }
}

function describeField(field: FieldType): string {
  return `${field.name}${field.isOptional ? '?' : ''}: ${describeType(field.type)}`
}

function listMembers(members: readonly string[], write: (member: string) => string): string {
  if (members.length === 0) return 'nothing'
  const shown = members.slice(0, SHOWN_MEMBERS).map(write).join(' | ')
  return members.length > SHOWN_MEMBERS ? `${shown} | …` : shown
}

/** The element type of `[]`. */
export function isNothing(type: Type): boolean {
  return type.kind === 'enum' && type.values.length === 0
}
