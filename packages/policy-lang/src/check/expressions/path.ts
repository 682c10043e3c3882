import type { Expression } from '../../ast/nodes.ts'
import { type Binding, EMPTY_SCOPE, type Position, type Scope, type Typing } from './typing.ts'

/** Separates the steps of a path; quoted names cannot fake one, since each step is written as a JSON string. */
const STEP = '.'
/** Starts the paths of names that stand for an expression without a path. */
const OWN = '#'

/**
 * A text that is the same for expressions that always have the same value: `resource.owner`, through `let`,
 * arguments and `["owner"]` alike; a `let` or parameter that stands for anything else is a path of its own. `undefined` for what facts cannot speak of.
 */
export function pathOf(expression: Expression, scope: Scope, typing: Typing): string | undefined {
  switch (expression.kind) {
    case 'root':
      return expression.root
    case 'entity':
      return JSON.stringify([expression.type.name, expression.id])
    case 'member':
      return join(pathOf(expression.object, scope, typing), expression.name.name)
    case 'index':
      return expression.key.kind === 'string'
        ? join(pathOf(expression.object, scope, typing), expression.key.value)
        : undefined
    case 'reference':
      return pathOfReference(expression.name.name, scope, typing)
    default:
      return undefined
  }
}

export function memberPath(
  object: Expression,
  name: string,
  position: Position,
  typing: Typing,
): string | undefined {
  return join(pathOf(object, position.scope, typing), name)
}

function join(path: string | undefined, step: string): string | undefined {
  return path === undefined ? undefined : `${path}${STEP}${JSON.stringify(step)}`
}

function pathOfReference(name: string, scope: Scope, typing: Typing): string | undefined {
  const binding = scope.get(name)
  if (binding?.kind === 'bound') return binding.path
  if (binding?.kind === 'argument')
    return pathOfArgument(binding, typing) ?? `${OWN}${binding.call} ${JSON.stringify(name)}`
  const declared = typing.tables.declarations.lets.get(name)
  if (declared === undefined || typing.tables.values.get(name) === undefined) return undefined
  return pathOf(declared.value, EMPTY_SCOPE, typing) ?? `${OWN}${JSON.stringify(name)}`
}

/** Whether a path starts at a name that stands for an expression without a path, which may hold tests. */
export function isOwnPath(path: string): boolean {
  return path.startsWith(OWN)
}

/** The path of what a parameter stands for, where it has one. */
export function pathOfArgument(
  { argument, scope }: Extract<Binding, { readonly kind: 'argument' }>,
  typing: Typing,
): string | undefined {
  return argument && pathOf(argument, scope, typing)
}
