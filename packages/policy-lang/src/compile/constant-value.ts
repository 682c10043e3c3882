import type { Expression } from '../ast/nodes.ts'
import { toDatetime } from '../model/datetime.ts'
import { toDuration } from '../model/duration.ts'
import { valueKey } from '../model/equal-values.ts'
import type { JsonValue } from '../model/request.ts'
import { toJson, toJsonObject } from '../model/value-json.ts'
import type { Value } from '../model/values.ts'
import type { Code } from '../program/program.ts'
import { lowerExpression } from './lower-expression.ts'
import { createLoweringContext, type LoweringUnit } from './lowering-context.ts'

/** The value of an expression that reads nothing: an argument of an assignment, a fixture, an expected argument. */
export function evaluateConstant(expression: Expression, unit: LoweringUnit): Value {
  return constantOf(lowerExpression(expression, createLoweringContext(unit)))
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

function constantOf(code: Code): Value {
  switch (code.op) {
    case 'literal':
      return code.value
    case 'set': {
      const elements = new Map(code.elements.map(constantOf).map((value) => [valueKey(value), value]))
      return { kind: 'set', elements: [...elements.values()] }
    }
    case 'record':
      return { kind: 'record', entries: new Map(code.entries.map((e) => [e.name, constantOf(e.code)])) }
    case 'negate':
      return settled(negate(constantOf(code.operand)))
    case 'arithmetic':
      return settled(calculate(code.operator, constantOf(code.left), constantOf(code.right)))
    default:
      throw new TypeError(`\`${code.op}\` is no constant`)
  }
}

function settled(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('a constant that the checker should have refused')
  return value
}

function negate(value: Value): Value | undefined {
  if (typeof value === 'number') return 0 - value
  return typeof value === 'object' && value.kind === 'duration' ? toDuration(-value.ms) : undefined
}

function calculate(operator: '+' | '-' | '*', left: Value, right: Value): Value | undefined {
  const sign = operator === '-' ? -1 : 1
  if (typeof left === 'string') return typeof right === 'string' ? left + right : undefined
  if (typeof left === 'number' && typeof right === 'number') {
    return operator === '*' ? left * right : left + sign * right
  }
  if (operator === '*') return scaleDuration(left, right) ?? scaleDuration(right, left)
  if (typeof left !== 'object' || typeof right !== 'object') return undefined
  if (left.kind === 'duration' && right.kind === 'duration') return toDuration(left.ms + sign * right.ms)
  if (left.kind !== 'datetime') {
    // A duration on the left can only be added.
    return left.kind === 'duration' && operator === '+' ? calculate('+', right, left) : undefined
  }
  if (right.kind === 'datetime') return toDuration(left.epochMs - right.epochMs)
  return right.kind === 'duration' ? toDatetime(left.epochMs + sign * right.ms) : undefined
}

function scaleDuration(duration: Value, factor: Value): Value | undefined {
  if (typeof duration !== 'object' || duration.kind !== 'duration' || typeof factor !== 'number') {
    return undefined
  }
  return toDuration(Math.trunc(duration.ms * factor))
}

/** `-90s`; whole seconds are the unit, milliseconds need the ISO form. */
function durationText(ms: number): string {
  if (ms % 1000 === 0) return `${ms / 1000}s`
  const seconds = Math.floor(Math.abs(ms) / 1000)
  return `${ms < 0 ? '-' : ''}PT${seconds}.${String(Math.abs(ms) % 1000).padStart(3, '0')}S`
}
