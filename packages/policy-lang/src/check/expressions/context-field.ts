import type { Name } from '../../ast/nodes.ts'
import type { FieldType } from '../../model/types.ts'
import { didYouMean } from '../did-you-mean.ts'
import { relatedCalls, type Typing } from './typing.ts'

/** An attribute of `context`, `now` included; reports one that is not declared. */
export function findContextField(typing: Typing, name: Name): FieldType | undefined {
  const fields = typing.tables.contextFields
  const field = fields.get(name.name)
  if (field !== undefined) return field
  typing.report({
    code: 'unknown-attribute',
    span: name.span,
    message: `\`context\` has no attribute \`${name.name}\``,
    hint: () => didYouMean(name.name, fields.keys()) ?? 'declare it in `context { … }`',
    related: relatedCalls(typing),
  })
  return undefined
}
