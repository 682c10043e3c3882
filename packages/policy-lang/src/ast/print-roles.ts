import { concat, group, indent, type Layout, LINE, NOTHING } from './layout.ts'
import type { Assignment, AssignmentScope, AssignmentTarget, Grant, RoleDeclaration } from './nodes.ts'
import { layoutBody, layoutDoc } from './print-body.ts'
import { layoutActionList, layoutParts, layoutTypeList } from './print-clauses.ts'
import type { PrintContext } from './print-context.ts'
import { layoutArguments, layoutExpression } from './print-expression.ts'
import { printName, printNames } from './print-names.ts'
import { layoutParameters } from './print-types.ts'

export function layoutRole(declaration: RoleDeclaration, context: PrintContext): Layout {
  const { name, isInherited, parameters, when, hasBody } = declaration
  const list = parameters.length === 0 ? NOTHING : layoutParameters(parameters, context)
  const parents = declaration.extends.length === 0 ? [] : [`extends ${printNames(declaration.extends)}`]
  const condition = when === undefined ? [] : [concat('when ', layoutExpression(when, context))]
  const parts = [...parents, ...condition].map((part) => concat(LINE, part))
  const head = group(`${isInherited ? 'inherited ' : ''}role ${printName(name)}`, list, indent(...parts))
  if (!hasBody) return head
  const grants = declaration.grants.map((grant) => {
    return { span: grant.span, build: () => layoutGrant(grant, context) }
  })
  return concat(head, ' ', layoutBody(grants, declaration.span.end, context) ?? '{}')
}

function layoutGrant(grant: Grant, context: PrintContext): Layout {
  const doc = layoutDoc(grant, context)
  const head = concat(
    'can ',
    layoutActionList(grant.actions, context),
    ' on ',
    layoutTypeList(grant.types, context),
  )
  return concat(doc, group(head, indent(...layoutParts(grant.clauses, grant.duties, context))))
}

export function layoutAssignment(declaration: Assignment, context: PrintContext): Layout {
  const { role, to, on, until } = declaration
  const args = declaration.arguments.length === 0 ? NOTHING : layoutArguments(declaration.arguments, context)
  const target = layoutTarget(to, context)
  const scope = on === undefined ? [] : [concat(LINE, 'on ', layoutScope(on, context))]
  const end = until === undefined ? [] : [concat(LINE, 'until ', layoutExpression(until, context))]
  return group(`assign ${printName(role)}`, args, ' to ', target, indent(...scope, ...end))
}

function layoutTarget(target: AssignmentTarget, context: PrintContext): Layout {
  if (target.kind === 'anyone') return 'anyone'
  if (target.kind === 'holders')
    return concat(`${printName(target.role)} of `, layoutExpression(target.on, context))
  return layoutScope(target, context)
}

export function layoutScope(scope: AssignmentScope, context: PrintContext): Layout {
  return scope.kind === 'anyOf' ? `any ${printName(scope.type)}` : layoutExpression(scope, context)
}
