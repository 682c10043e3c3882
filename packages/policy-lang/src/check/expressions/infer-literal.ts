import type { RecordLiteral, SetLiteral } from '../../ast/nodes.ts'
import type { FieldType, Type } from '../../model/types.ts'
import { createTypeJoin, isAssignable, isText, STRING } from '../type-relations.ts'
import { hintValueOf } from '../value-hint.ts'
import { inferPresent, withArticle } from './require.ts'
import {
  notMonotone,
  type Position,
  relatedCalls,
  type Typed,
  type Typing,
  UNKNOWN,
  value,
} from './typing.ts'

export function inferSet(typing: Typing, node: SetLiteral, position: Position, expected?: Type): Typed {
  const inner = notMonotone(position)
  const wanted = expected?.kind === 'set' ? expected.element : undefined
  const join = createTypeJoin()
  let isBroken = false
  for (const expression of node.elements) {
    const { type } = inferPresent(typing, expression, inner, wanted)
    if (type === undefined) isBroken = true
    else if (!join.add(type)) {
      isBroken = true
      const element = join.current()
      typing.report({
        code: 'type-mismatch',
        span: expression.span,
        message: `the elements of a set are of one type: before stands ${withArticle(element)}, and this is ${withArticle(type)}`,
        hint: hintValueOf(isText(element) ? STRING : element),
        related: relatedCalls(typing),
      })
    }
  }
  return isBroken ? UNKNOWN : value({ kind: 'set', element: join.current() })
}

/** A record, or a Map where one is expected. */
export function inferRecord(typing: Typing, node: RecordLiteral, position: Position, expected?: Type): Typed {
  const inner = notMonotone(position)
  const wantedFields = new Map(
    expected?.kind === 'record' ? expected.fields.map((field) => [field.name, field.type]) : [],
  )
  const fields: FieldType[] = []
  let isBroken = false
  for (const entry of node.entries) {
    const wanted = expected?.kind === 'map' ? expected.value : wantedFields.get(entry.name.name)
    const { type } = inferPresent(typing, entry.value, inner, wanted)
    if (type === undefined) isBroken = true
    else fields.push({ name: entry.name.name, type, isOptional: false })
  }
  if (isBroken) return UNKNOWN
  if (expected?.kind === 'map' && fields.every((field) => isAssignable(field.type, expected.value)))
    return value(expected)
  return value({ kind: 'record', fields })
}
