import type { ActionTest, HasTest, Name } from '../../ast/nodes.ts'
import type { DiagnosticCode } from '../../diagnostics/codes.ts'
import { didYouMean } from '../did-you-mean.ts'
import { BOOL } from '../type-relations.ts'
import { quoteName } from './describe-expression.ts'
import { bothHold, factsOf } from './facts.ts'
import { isRootAllowed, pairsAt } from './infer-root.ts'
import { memberPath } from './path.ts'
import { PRESENT, toTest } from './test-result.ts'
import { type Pair, type Position, relatedCalls, type Typed, type Typing, value } from './typing.ts'

/** `action has p`. */
export function inferActionHas(typing: Typing, node: HasTest, position: Position): Typed {
  const name = node.name.name
  const { types } = typing.tables
  const hasParameter = ({ resourceType, action }: Pair) =>
    name === 'name' || types.parameter(resourceType, action, name) !== undefined
  if (name !== 'name' && !types.parameterNames.has(name)) {
    typing.report({
      code: 'unknown-parameter',
      span: node.name.span,
      message: `no action has a parameter \`${name}\``,
      hint: () =>
        didYouMean(name, types.parameterNames) ??
        'declare it with the action: `actions export(rows: Number)`',
      related: relatedCalls(typing),
    })
    return value(BOOL)
  }
  const constant = pairsAt(position).some(hasParameter) ? (name === 'name' ? true : undefined) : false
  const having = (typing.allRoots.pairs ?? []).filter(hasParameter)
  return toTest(typing, node, position, {
    constant,
    whenTrue: bothHold(
      factsOf('action', { only: new Set(having.map((pair) => pair.key)), isPresent: false }),
      factsOf(memberPath(node.operand, name, position, typing), PRESENT),
    ),
  })
}

/** `action == read`, `action in edit`, `action in [read, write]`. */
export function inferActionTest(typing: Typing, node: ActionTest, position: Position): Typed {
  if (!isRootAllowed(typing, { kind: 'root', root: 'action', span: node.span }, position)) return value(BOOL)
  const isGroup = node.operator === 'in' && !node.isList
  const problems = node.names.map((name) => (isGroup ? checkGroup : checkAction)(typing, name))
  if (problems.includes(false)) return value(BOOL)
  const names = new Set(node.names.map(({ name }) => name))
  const isMeant = ({ action, resourceType }: Pair) =>
    isGroup
      ? [...names].some((name) => typing.tables.types.group(resourceType, name)?.includes(action))
      : names.has(action)
  const keys = new Set((typing.allRoots.pairs ?? []).filter(isMeant).map((pair) => pair.key))
  const here = pairsAt(position)
  const count = here.filter((pair) => keys.has(pair.key)).length
  const isNegated = node.operator === '!='
  const constant =
    here.length === 0 ? undefined : count === 0 ? isNegated : count === here.length ? !isNegated : undefined
  const inside = factsOf('action', { only: keys, isPresent: false })
  const outside = factsOf('action', { except: keys, isPresent: false })
  return toTest(typing, node, position, {
    constant,
    whenTrue: isNegated ? outside : inside,
    whenFalse: isNegated ? inside : outside,
  })
}

/** Whether a name is an action of some type, and no group of a type that the rule is about. */
function checkAction(typing: Typing, name: Name): boolean {
  const { types } = typing.tables
  const isGroup = isGroupHere(typing, name.name)
  if (isGroup && isActionHere(typing, name.name)) return reportAmbiguous(typing, name)
  if (isGroup || (types.groupNames.has(name.name) && !types.actionNames.has(name.name))) {
    const message = `\`${name.name}\` is a group of actions, and a request names one action`
    return reportName(
      typing,
      name,
      'group-as-action',
      message,
      () => `write \`action in ${quoteName(name.name)}\``,
    )
  }
  if (types.actionNames.has(name.name)) return true
  const hint = () => didYouMean(name.name, types.actionNames) ?? 'declare it in a resource type'
  return reportName(typing, name, 'unknown-action', `no resource type has an action \`${name.name}\``, hint)
}

function checkGroup(typing: Typing, name: Name): boolean {
  const { types } = typing.tables
  const isAction = isActionHere(typing, name.name)
  if (isAction && isGroupHere(typing, name.name)) return reportAmbiguous(typing, name)
  if (isAction || (types.actionNames.has(name.name) && !types.groupNames.has(name.name))) {
    const message = `\`${name.name}\` is one action, not a group`
    return reportName(
      typing,
      name,
      'action-as-group',
      message,
      () => `write \`action == ${quoteName(name.name)}\``,
    )
  }
  if (types.groupNames.has(name.name)) return true
  const hint = () =>
    didYouMean(name.name, types.groupNames) ?? 'declare it in a resource type: `actions edit = write, share`'
  return reportName(typing, name, 'unknown-action', `no resource type has a group \`${name.name}\``, hint)
}

function isGroupHere(typing: Typing, name: string): boolean {
  if (!typing.tables.types.groupNames.has(name)) return false
  return (typing.allRoots.pairs ?? []).some(
    (pair) => typing.tables.types.group(pair.resourceType, name) !== undefined,
  )
}

function isActionHere(typing: Typing, name: string): boolean {
  return (typing.allRoots.pairs ?? []).some(
    (pair) => typing.tables.types.action(pair.resourceType, name) !== undefined,
  )
}

function reportAmbiguous(typing: Typing, name: Name): false {
  const message = `\`${name.name}\` is an action of one type and a group of another`
  return reportName(
    typing,
    name,
    'ambiguous-name',
    message,
    () => 'name the actions: `action in [read, write]`',
  )
}

function reportName(
  typing: Typing,
  name: Name,
  code: DiagnosticCode,
  message: string,
  hint: () => string,
): false {
  typing.report({ code, span: name.span, message, hint, related: relatedCalls(typing) })
  return false
}
