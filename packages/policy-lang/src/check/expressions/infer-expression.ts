import type { Expression } from '../../ast/nodes.ts'
import type { Type } from '../../model/types.ts'
import { assertUnreachable } from '../assert-unreachable.ts'
import { BOOL, DATETIME, DURATION, entityOf, IP, NUMBER } from '../type-relations.ts'
import { NO_FACTS } from './facts.ts'
import { inferActionTest } from './infer-action-test.ts'
import { inferCall, inferReference } from './infer-call.ts'
import { inferComparison } from './infer-comparison.ts'
import { inferRecord, inferSet } from './infer-literal.ts'
import { inferIndex, inferMember } from './infer-member.ts'
import { inferMethodCall } from './infer-method.ts'
import {
  inferBinary,
  inferCoalesce,
  inferConditional,
  inferLogical,
  inferQuantifier,
  inferUnary,
} from './infer-operator.ts'
import { inferRoot } from './infer-root.ts'
import { inferHas, inferHasRole, inferIs, inferTextTest } from './infer-test.ts'
import { notMonotone, type Position, type Typed, type Typing, UNKNOWN, value } from './typing.ts'

/** The type of an expression where it stands; reports what does not fit. */
export function inferExpression(
  typing: Typing,
  expression: Expression,
  position: Position,
  expected?: Type,
): Typed {
  if (position.facts === 'never') return inferUnreached(typing, expression, position, expected)
  switch (expression.kind) {
    case 'bool':
      return { ...value(BOOL), constant: expression.value }
    case 'string':
      return value({ kind: 'enum', values: [expression.value] })
    case 'number':
      return value(NUMBER)
    case 'duration':
      return value(DURATION)
    case 'datetime':
      return value(DATETIME)
    case 'ip':
      return value(IP)
    case 'entity':
      return typing.tables.types.has(expression.type.name) ? value(entityOf([expression.type.name])) : UNKNOWN
    case 'set':
      return inferSet(typing, expression, position, expected)
    case 'record':
      return inferRecord(typing, expression, position, expected)
    case 'root':
      return inferRoot(typing, expression, position)
    case 'reference':
      return inferReference(typing, expression, position, expected)
    case 'call':
      return inferCall(typing, expression, position, expected)
    case 'hasRole':
      return inferHasRole(typing, expression, position)
    case 'member':
      return inferMember(typing, expression, notMonotone(position))
    case 'index':
      return inferIndex(typing, expression, notMonotone(position))
    case 'methodCall':
      return inferMethodCall(typing, expression, position)
    case 'unary':
      return inferUnary(typing, expression, position)
    case 'logical':
      return inferLogical(typing, expression, position)
    case 'binary':
      return inferBinary(typing, expression, position)
    case 'comparison':
      return inferComparison(typing, expression, position)
    case 'actionTest':
      return inferActionTest(typing, expression, position)
    case 'is':
      return inferIs(typing, expression, position)
    case 'has':
      return inferHas(typing, expression, position)
    case 'like':
    case 'matches':
      return inferTextTest(typing, expression, position)
    case 'coalesce':
      return inferCoalesce(typing, expression, position, expected)
    case 'conditional':
      return inferConditional(typing, expression, position, expected)
    case 'quantifier':
      return inferQuantifier(typing, expression, position)
    default:
      return assertUnreachable(expression)
  }
}

/**
 * What can never be reached in an environment is not judged in it. But "never" holds only where nothing fails: right
 * of a test that fails on missing data it is evaluated all the same, so its methods and role tests count. What no
 * environment reaches (in the run over all of them) is looked at for these alone.
 */
function inferUnreached(typing: Typing, expression: Expression, position: Position, expected?: Type): Typed {
  if (typing.roots === typing.allRoots) {
    typing.silence(() => inferExpression(typing, expression, { ...position, facts: NO_FACTS }, expected))
  }
  return UNKNOWN
}
