import type { EntityTypeDeclaration } from '../ast/nodes.ts'
import type { CheckState } from './check-state.ts'
import { PRIMITIVE_NAMES } from './resolve-type.ts'

/** Names, parents and actions of declared types; attributes are looked at where the schema is built. */
export function checkEntityTypes({ declarations, names, report }: CheckState): void {
  for (const { name } of [...declarations.entityTypes.values(), ...declarations.aliases.values()]) {
    if (!PRIMITIVE_NAMES.has(name.name)) continue
    report({
      code: 'reserved-name',
      span: name.span,
      message: `the name \`${name.name}\` is taken here: it is a type of the language`,
      hint: 'choose another name',
    })
  }
  for (const type of declarations.entityTypes.values()) {
    for (const parent of type.parents) names.resolveEntityType(parent)
    if (!type.isResource) checkNoActions(type, report)
  }
}

function checkNoActions(type: EntityTypeDeclaration, report: CheckState['report']): void {
  const first = [...type.actions, ...type.actionGroups][0]
  if (first === undefined) return
  const name = type.name.name
  report({
    code: 'wrong-kind-of-type',
    span: first.span,
    message: `\`${name}\` is no resource, so it has no actions`,
    hint: `declare it with \`${type.isSubject ? 'subject resource' : 'resource'} ${name}\``,
  })
}
