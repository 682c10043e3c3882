import type { Name } from '../../ast/nodes.ts'
import { describeType, isNothing } from '../../model/describe-type.ts'
import type { FieldType, Type } from '../../model/types.ts'
import { entityOf, joinTypes, toSorted } from '../type-relations.ts'
import { relatedCalls, type Typed, type Typing, UNKNOWN, value } from './typing.ts'

/** A field whose declared type is broken is of no type: the declaration is reported, its uses are not. */
export function toTyped(field: FieldType): Typed {
  return isNothing(field.type) ? UNKNOWN : { ...value(field.type), isOptional: field.isOptional }
}

/** The one type of a member that several types declare. */
export function joinFields(typing: Typing, name: Name, found: readonly FieldType[]): Typed {
  const first = found[0]
  if (first === undefined) return UNKNOWN
  const isOptional = found.some((field) => field.isOptional)
  const entities = joinEntities(found)
  if (entities !== undefined) return toTyped({ ...first, type: entities, isOptional })
  let { type } = first
  for (const field of found) {
    const joined = joinTypes(type, field.type)
    if (joined === undefined) return reportDisagreement(typing, name, type, field.type)
    type = joined
  }
  return toTyped({ ...first, type, isOptional })
}

/** Rules on everything meet unions of many types: these are joined at once. */
function joinEntities(found: readonly FieldType[]): Type | undefined {
  const types = new Set<string>()
  for (const { type } of found) {
    if (type.kind !== 'entity') return undefined
    for (const member of type.types) types.add(member)
  }
  return entityOf(toSorted(types))
}

function reportDisagreement(typing: Typing, name: Name, one: Type, other: Type): Typed {
  typing.report({
    code: 'type-mismatch',
    span: name.span,
    message: `\`${name.name}\` is \`${describeType(one)}\` in one case and \`${describeType(other)}\` in another`,
    hint: 'tell the cases apart with `is` or `action ==` first',
    related: relatedCalls(typing),
  })
  return UNKNOWN
}
