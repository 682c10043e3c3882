import type { Expression } from '../ast/nodes.ts'
import { calculateValue, negateValue } from '../model/arithmetic.ts'
import { valueKey } from '../model/equal-values.ts'
import type { JsonValue } from '../model/request.ts'
import { toJson, toJsonObject } from '../model/value-json.ts'
import type { Value } from '../model/values.ts'
import type { Code } from '../program/program.ts'
import { lowerExpression } from './lower-expression.ts'
import { createLoweringContext, type LoweringUnit } from './lowering-context.ts'

/** Why an expression without roots has no value that is known at load. */
export type NoConstant =
  /** More than literals, `let`, `fn` and arithmetic. */
  'not-constant' | 'out-of-range'

/** The value of an expression that reads nothing: an argument of an assignment, a fixture, an expected argument. */
export function findConstant(
  expression: Expression,
  unit: LoweringUnit,
): { readonly value: Value } | NoConstant {
  const found = constantOf(lowerExpression(expression, createLoweringContext(unit)))
  return isNoConstant(found) ? found : { value: found.value }
}

/** As `findConstant`, where `findConstantProblems` has found none. */
export function evaluateConstant(expression: Expression, unit: LoweringUnit): Value {
  const found = findConstant(expression, unit)
  if (isNoConstant(found)) throw new TypeError('a constant that should have been refused')
  return found.value
}

/** A value as data files and requests carry it; only durations differ from how answers carry them. */
export function toInputJson(value: Value): JsonValue {
  if (typeof value !== 'object') return toJson(value)
  switch (value.kind) {
    case 'duration':
      return durationText(value.ms)
    case 'set':
      return value.elements.map(toInputJson)
    case 'record':
      return toJsonObject([...value.entries].map(([name, entry]) => [name, toInputJson(entry)] as const))
    default:
      return toJson(value)
  }
}

type Found = { readonly value: Value } | NoConstant

function isNoConstant(found: Found): found is NoConstant {
  return typeof found === 'string'
}

function constantOf(code: Code): Found {
  switch (code.op) {
    case 'literal':
      return { value: code.value }
    case 'set':
      return withAll(code.elements, (values) => {
        const distinct = new Map(values.map((value) => [valueKey(value), value]))
        return { kind: 'set', elements: [...distinct.values()] }
      })
    case 'record': {
      const names = code.entries.map(({ name }) => name)
      const codes = code.entries.map((entry) => entry.code)
      return withAll(codes, (values) => ({
        kind: 'record',
        entries: new Map(values.map((value, index) => [names[index] ?? '', value])),
      }))
    }
    case 'negate':
      return withAll([code.operand], ([value]) => (value === undefined ? value : negateValue(value)))
    case 'arithmetic':
      return withAll([code.left, code.right], ([left, right]) =>
        left === undefined || right === undefined ? undefined : calculateValue(code.operator, left, right),
      )
    default:
      return 'not-constant'
  }
}

function withAll(codes: readonly Code[], combine: (values: readonly Value[]) => Value | undefined): Found {
  const values: Value[] = []
  for (const code of codes) {
    const found = constantOf(code)
    if (isNoConstant(found)) return found
    values.push(found.value)
  }
  const value = combine(values)
  return value === undefined ? 'out-of-range' : { value }
}

/** `-90s`; whole seconds are the unit, milliseconds need the ISO form. */
function durationText(ms: number): string {
  if (ms % 1000 === 0) return `${ms / 1000}s`
  const seconds = Math.floor(Math.abs(ms) / 1000)
  return `${ms < 0 ? '-' : ''}PT${seconds}.${String(Math.abs(ms) % 1000).padStart(3, '0')}S`
}
