import type { Expression } from '../../ast/nodes.ts'
import type { Position, Scope, Typing } from './typing.ts'
import { EMPTY_SCOPE } from './typing.ts'

/** Separates the steps of a path; quoted names cannot fake one, since each step is written as a JSON string. */
const STEP = '.'

/**
 * A text that is the same for expressions that always have the same value: `resource.owner`, through `let`,
 * arguments and `["owner"]` alike. `undefined` for what facts cannot speak of.
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
  if (binding?.kind === 'argument') {
    return binding.argument && pathOf(binding.argument, binding.scope, typing)
  }
  const declared = typing.tables.declarations.lets.get(name)
  if (declared === undefined || typing.tables.values.get(name) === undefined) return undefined
  return pathOf(declared.value, EMPTY_SCOPE, typing)
}
