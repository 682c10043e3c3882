import type { TypeExpression } from '../ast/nodes.ts'

/** Adds what a written type may name: types, and texts that may be names of them. */
export function addNamesInType(type: TypeExpression, names: Set<string>): void {
  switch (type.kind) {
    case 'namedType':
      names.add(type.name.name)
      break
    case 'setType':
      addNamesInType(type.element, names)
      break
    case 'mapType':
      addNamesInType(type.value, names)
      break
    case 'recordType':
      for (const field of type.fields) addNamesInType(field.type, names)
      break
    case 'unionType':
      for (const member of type.members) addNamesInType(member, names)
      break
    case 'literalType':
      names.add(type.value)
      break
  }
}
