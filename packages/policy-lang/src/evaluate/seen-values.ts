import type { SeenValue } from '../model/answer.ts'
import { toJson } from '../model/value-json.ts'
import type { Code } from '../program/program.ts'
import { cutValue } from './cut-value.ts'
import { printCode } from './print-code.ts'
import type { Result } from './result.ts'
import { isFailure } from './result.ts'
import type { Scope } from './session.ts'
import type { Observed } from './watch.ts'

/** How many values a condition shows. */
const SHOWN_VALUES = 20

/**
 * The inputs among what was observed, as a condition in the scope would name them: of `context.token.acr`, that and
 * not also `context.token`.
 */
export function toSeenValues(observed: readonly Observed[], scope: Scope): readonly SeenValue[] {
  const inputs = observed.filter((one) => isInput(one.code) && meansTheSame(one, scope))
  const receivers = new Set(inputs.map(({ code }) => receiverOf(code)))
  const seen = new Map<string, SeenValue>()
  for (const { code, result } of inputs) {
    if (receivers.has(code)) continue
    const expression = printCode(code)
    if (!seen.has(expression)) seen.set(expression, toSeenValue(expression, result))
  }
  return [...seen.values()].slice(0, SHOWN_VALUES)
}

/** Deriving a role goes through conditions of other entities and assignments, whose names mean other things. */
function meansTheSame({ code, scope: seen }: Observed, scope: Scope): boolean {
  const { resource } = seen
  if (resource === scope.resource && seen.parameters === scope.parameters) return true
  const isSameResource =
    resource === undefined || (resource.type === scope.resource?.type && resource.id === scope.resource.id)
  // On the way to a role the answers to other questions about roles are not final yet.
  return isSameResource && !LOCAL.has(rootOf(code).op)
}

const LOCAL: ReadonlySet<Code['op']> = new Set(['hasRole', 'roleParameter', 'variable'])

function rootOf(code: Code): Code {
  const receiver = receiverOf(code)
  return receiver === undefined ? code : rootOf(receiver)
}

function isInput(code: Code): boolean {
  switch (code.op) {
    case 'now':
    case 'context':
    case 'parameter':
    case 'roleParameter':
    case 'member':
    case 'entry':
    case 'hasRole':
      return true
    default:
      return false
  }
}

function receiverOf(code: Code): Code | undefined {
  return code.op === 'member' || code.op === 'entry' ? code.object : undefined
}

function toSeenValue(expression: string, result: Result): SeenValue {
  if (result === undefined) return { expression, state: 'absent' }
  if (isFailure(result)) return { expression, state: 'failed', message: result.message }
  return { expression, state: 'value', value: toJson(cutValue(result)) }
}
