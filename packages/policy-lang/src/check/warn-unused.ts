import type { Assignment, Declaration, Expression, Name, NameList, Who } from '../ast/nodes.ts'
import { childExpressions } from '../ast/walk.ts'
import type { CheckState } from './check-state.ts'
import { quoteName } from './expressions/describe-expression.ts'
import { forEachTopLevelExpression } from './for-each-expression.ts'
import { addNamesInType } from './names-in-type.ts'

/** Declarations that nothing in the set uses. Subject and resource types, attributes and actions are for requests. */
export function warnUnused(usedAliases: ReadonlySet<string>, state: CheckState): void {
  const uses = collectUses(state)
  const { declarations, report } = state
  const warn = (what: string, name: Name, hint = 'remove it') => {
    report({
      code: 'unused-declaration',
      span: name.span,
      message: `the ${what} \`${name.name}\` is never used`,
      hint,
    })
  }
  for (const { name } of declarations.lets.values()) if (!uses.values.has(name.name)) warn('`let`', name)
  for (const { name } of declarations.fns.values()) if (!uses.values.has(name.name)) warn('`fn`', name)
  for (const { name } of declarations.aliases.values()) if (!usedAliases.has(name.name)) warn('type', name)
  for (const { name, declaration } of declarations.roles.values()) {
    const isUsed = uses.roles.has(name) || declaration.grants.length > 0 || declaration.extends.length > 0
    if (!isUsed) warn('role', declaration.name, unusedRoleHint(name))
  }
  for (const type of declarations.entityTypes.values()) {
    if (!type.isSubject && !type.isResource && !uses.types.has(type.name.name)) warn('type', type.name)
    for (const group of type.actionGroups) {
      if (!uses.actions.has(group.name.name)) warn('group', group.name)
    }
  }
}

/** Entity data can give roles to the holders of another one; a policy set sees that in its tests alone. */
function unusedRoleHint(name: string): string {
  return (
    'give it a grant, ask for it with `to` or `hasRole`, or remove it; where entity data gives roles to its holders, ' +
    `show that in a test: \`given { assign … to ${quoteName(name)} of TYPE::"…" }\``
  )
}

interface Uses {
  readonly values: Set<string>
  readonly roles: Set<string>
  readonly types: Set<string>
  /** Actions and groups alike. */
  readonly actions: Set<string>
}

function collectUses({ declarations }: CheckState): Uses {
  const uses: Uses = { values: new Set(), roles: new Set(), types: new Set(), actions: new Set() }
  for (const declaration of declarations.distinct) noteDeclaration(declaration, uses)
  forEachTopLevelExpression(declarations.distinct, (expression) => noteExpressions(expression, uses))
  return uses
}

/** An expression and all below it, which are as deep as the parser lets them be. */
function noteExpressions(node: Expression, uses: Uses): void {
  noteExpression(node, uses)
  for (const child of childExpressions(node)) noteExpressions(child, uses)
}

function noteExpression(node: Expression, { values, roles, types, actions }: Uses): void {
  switch (node.kind) {
    case 'reference':
    case 'call':
      values.add(node.name.name)
      break
    case 'hasRole':
      roles.add(node.role.name)
      break
    case 'is':
    case 'entity':
      types.add(node.type.name)
      break
    case 'actionTest':
      for (const { name } of node.names) actions.add(name)
      break
    default:
  }
}

function noteDeclaration(declaration: Declaration, uses: Uses): void {
  switch (declaration.kind) {
    case 'entityType':
      for (const { name } of declaration.parents) uses.types.add(name)
      for (const { type } of declaration.attributes) addNamesInType(type, uses.types)
      for (const { parameters } of declaration.actions)
        for (const { type } of parameters) addNamesInType(type, uses.types)
      break
    case 'context':
      for (const { type } of declaration.attributes) addNamesInType(type, uses.types)
      break
    case 'typeAlias':
      addNamesInType(declaration.type, uses.types)
      break
    case 'fn':
      for (const { type } of declaration.parameters) addNamesInType(type, uses.types)
      break
    case 'role':
      for (const { type } of declaration.parameters) addNamesInType(type, uses.types)
      for (const { name } of declaration.extends) uses.roles.add(name)
      for (const { actions } of declaration.grants) noteList(actions, uses)
      break
    case 'roleCondition':
      for (const { name } of declaration.types) uses.types.add(name)
      break
    case 'rule':
    case 'invariant':
      noteList(declaration.actions, uses)
      for (const member of declaration.who) noteWho(member, uses)
      break
    case 'assignment':
      if (declaration.to.kind !== 'anyone')
        uses.types.add((declaration.to.kind === 'holders' ? declaration.to.on : declaration.to).type.name)
      noteHolders(declaration, uses)
      if (declaration.on !== undefined) uses.types.add(declaration.on.type.name)
      break
    case 'test':
      for (const item of declaration.items)
        if (item.kind === 'given') for (const assignment of item.assignments) noteHolders(assignment, uses)
      break
    default:
  }
}

function noteHolders({ to }: Assignment, { roles }: Uses): void {
  if (to.kind === 'holders') roles.add(to.role.name)
}

function noteList(list: NameList, { actions }: Uses): void {
  if (list.kind === 'names') for (const { name } of list.names) actions.add(name)
}

function noteWho(member: Who, { roles, types }: Uses): void {
  if (member.kind === 'entity') types.add(member.type.name)
  if (member.kind === 'whoName') roles.add(member.name.name)
}
