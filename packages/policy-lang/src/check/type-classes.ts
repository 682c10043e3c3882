import { walkExpression } from '../ast/walk.ts'
import type { EntityTypeSchema } from '../model/schema.ts'
import type { Type } from '../model/types.ts'
import type { CheckState } from './check-state.ts'
import { addNamesInType } from './names-in-type.ts'
import { bodyOf } from './value-table.ts'

/**
 * Gives types that look alike the same key: two of them can be swapped in all that a rule can reach, and nothing is
 * another one. That takes the same members, and that nothing else names either of them.
 */
export function createTypeClasses(state: CheckState): (type: string) => string {
  const memo = new Map<string, string>()
  let named: ReadonlySet<string> | undefined
  return (name) => {
    const known = memo.get(name)
    if (known !== undefined) return known
    named ??= collectNamed(state)
    const type = state.index.get(name)
    // A subject type is met on both sides of a rule.
    const isOwn = type === undefined || type.isSubject || named.has(name)
    const key = isOwn ? `=${name}` : membersKey(type)
    memo.set(name, key)
    return key
  }
}

function membersKey({ name: _name, doc: _doc, attributes, actions, ...rest }: EntityTypeSchema): string {
  const members = [...attributes, ...actions].map(({ doc: _memberDoc, ...member }) => member)
  return JSON.stringify([rest, attributes.length, members])
}

/** Types that attributes, parameters, parents, `let` and `fn` name. */
function collectNamed({ index: { schema }, declarations }: CheckState): ReadonlySet<string> {
  const named = new Set<string>()
  for (const { parents, attributes, actions } of schema.entityTypes) {
    for (const parent of parents) named.add(parent)
    for (const { type } of attributes) addTypes(type, named)
    for (const { parameters } of actions) for (const { type } of parameters) addTypes(type, named)
  }
  for (const { type } of schema.context) addTypes(type, named)
  for (const { parameters } of schema.roles) for (const { type } of parameters) addTypes(type, named)
  for (const alias of declarations.aliases.values()) addNamesInType(alias.type, named)
  for (const value of [...declarations.lets.values(), ...declarations.fns.values()]) {
    if (value.kind === 'fn') for (const { type } of value.parameters) addNamesInType(type, named)
    walkExpression(bodyOf(value), (node) => {
      if (node.kind === 'is' || node.kind === 'entity') named.add(node.type.name)
    })
  }
  return named
}

function addTypes(type: Type, named: Set<string>): void {
  switch (type.kind) {
    case 'entity':
      for (const name of type.types) named.add(name)
      break
    case 'set':
      addTypes(type.element, named)
      break
    case 'map':
      addTypes(type.value, named)
      break
    case 'record':
      for (const field of type.fields) addTypes(field.type, named)
      break
    default:
  }
}
