import { type Constant, toConstant } from './constants.ts'
import type { Code, Place, ProgramDuty, ProgramRule, ProgramWho } from './program.ts'

/** What rules of one shape differ in, in the order in which their shape counts it. */
export interface Collected {
  readonly constants: Constant[]
  readonly places: Place[]
}

/** Numbers for names: keys are read much more often than new names are met. */
export type NameNumbers = (name: string) => number

/**
 * A text that two rules share exactly when they have one shape, far shorter than the shape and made without it. On
 * the way it collects what they differ in.
 */
export interface ShapeKey extends Collected {
  readonly key: string
  /** How many constants WHO has, then WHO and each condition so far. */
  readonly ends: readonly number[]
}

export interface ShapeKeyOptions {
  readonly numberOf: NameNumbers
  readonly hasParameters: (role: string) => boolean
}

// INVARIANT: constants and places are met in the order of `toShape`: places before the parts of what stands there.
export function findShapeKey(rule: ProgramRule, options: ShapeKeyOptions): ShapeKey {
  const writer: KeyWriter = { ...options, constants: [], places: [] }
  let key = `${rule.effect}${rule.isAfter ? '+' : ''}`
  for (const who of rule.who) key += whoKey(who, writer)
  const ends = [writer.constants.length]
  for (const { code, at } of rule.conditions) {
    writer.places.push(at)
    key += `&${codeKey(code, writer)}`
    ends.push(writer.constants.length)
  }
  for (const duty of rule.obligations) key += `!${dutyKey(duty, writer)}`
  for (const duty of rule.advice) key += `~${dutyKey(duty, writer)}`
  if (rule.grantOf !== undefined) key += `^${grantKey(rule.grantOf, rule, writer)}`
  return { key, ends, constants: writer.constants, places: writer.places }
}

interface KeyWriter extends ShapeKeyOptions, Collected {}

function roleKey(role: string, { constants, hasParameters, numberOf }: KeyWriter): string {
  if (hasParameters(role)) return `r${numberOf(role)}`
  constants.push({ kind: { kind: 'role' }, raw: role })
  return 'r'
}

/** Where WHO names the role of a grant, it is not held twice. */
function grantKey(role: string, { who }: ProgramRule, writer: KeyWriter): string {
  const index = who.findIndex((one) => one.kind === 'role' && one.role === role)
  return index >= 0 ? `w${index}` : roleKey(role, writer)
}

function whoKey(who: ProgramWho, writer: KeyWriter): string {
  switch (who.kind) {
    case 'role':
      return `@${roleKey(who.role, writer)}`
    case 'entity':
      writer.constants.push({ kind: { kind: 'entity', type: who.type }, raw: who.id })
      return `@e${writer.numberOf(who.type)}`
    case 'type':
      return `@t${writer.numberOf(who.type)}`
    case 'anyone':
      return '@a'
  }
}

function dutyKey({ name, args, at }: ProgramDuty, writer: KeyWriter): string {
  writer.places.push(at)
  let key = `${writer.numberOf(name)}(`
  for (const arg of args) key += `${writer.numberOf(arg.name)}:${codeKey(arg.code, writer)},`
  return `${key})`
}

type Leaf = Extract<Code, { readonly op: 'literal' }>

function leafKey({ value }: Leaf, { constants, numberOf }: KeyWriter): string {
  const constant = toConstant(value)
  if (constant === undefined) return value === true ? 'T' : 'F'
  constants.push(constant)
  const { kind } = constant
  return kind.kind === 'entity' ? `$e${numberOf(kind.type)}` : `$${kind.kind}`
}

/** Of a part that belongs to the shape where it is a literal. */
function fixedKey(code: Code, writer: KeyWriter): string {
  return code.op === 'literal' ? JSON.stringify(code.value) : codeKey(code, writer)
}

function listKey(codes: readonly Code[], writer: KeyWriter): string {
  let key = '('
  for (const code of codes) key += `${codeKey(code, writer)},`
  return `${key})`
}

/** Every form starts with its operation and closes what it opens, so that no two run into one another. */
function codeKey(code: Code, writer: KeyWriter): string {
  const { numberOf, places } = writer
  if ('at' in code) places.push(code.at)
  switch (code.op) {
    case 'literal':
      return leafKey(code, writer)
    case 'absent':
    case 'subject':
    case 'resource':
    case 'actionName':
    case 'now':
      return code.op
    case 'roleParameter':
    case 'variable':
    case 'context':
    case 'parameter':
    case 'hasContext':
    case 'hasParameter':
      return `${code.op}${numberOf(code.name)}`
    case 'actionIn':
      return `actionIn(${code.actions.map(numberOf).join(',')})`
    case 'set':
      return `set${listKey(code.elements, writer)}`
    case 'record': {
      let key = 'record('
      for (const entry of code.entries) key += `${numberOf(entry.name)}:${codeKey(entry.code, writer)},`
      return `${key})`
    }
    case 'member':
      return `.${markOf(code)}${numberOf(code.name)}(${codeKey(code.object, writer)})`
    case 'entry':
      return `[${markOf(code)}(${codeKey(code.object, writer)},${fixedKey(code.key, writer)})`
    case 'method':
      return methodKey(code, writer)
    case 'hasRole': {
      const on = code.on === undefined ? '' : codeKey(code.on, writer)
      return `hasRole${code.isNegative ? '-' : ''}${numberOf(code.role)}(${on})`
    }
    case 'not':
    case 'negate':
      return `${code.op}(${codeKey(code.operand, writer)})`
    case 'is':
      return `is${numberOf(code.type)}(${codeKey(code.operand, writer)})`
    case 'has':
      return `has${numberOf(code.name)}(${codeKey(code.operand, writer)})`
    case 'and':
    case 'or':
    case 'coalesce':
      return `${code.op}${listKey(code.operands, writer)}`
    case 'arithmetic':
    case 'compare':
      return `${code.operator}(${codeKey(code.left, writer)},${codeKey(code.right, writer)})`
    case 'in':
      return `in(${codeKey(code.left, writer)},${codeKey(code.right, writer)})`
    case 'like':
    case 'matches': {
      const operand = codeKey(code.operand, writer)
      writer.constants.push({ kind: { kind: code.op }, raw: code.pattern })
      return `${code.op}(${operand})`
    }
    case 'conditional': {
      const { test, then, otherwise } = code
      return `?${listKey([test, then, otherwise], writer)}`
    }
    case 'quantifier': {
      const parts = listKey([code.set, code.body], writer)
      return `${code.quantifier}${numberOf(code.variable)}${parts}`
    }
  }
}

function methodKey(code: Extract<Code, { readonly op: 'method' }>, writer: KeyWriter): string {
  const isZoned = code.method === 'time' || code.method === 'dayOfWeek'
  let key = `:${markOf(code)}${code.method}(${codeKey(code.object, writer)}`
  for (const arg of code.args) key += `,${isZoned ? fixedKey(arg, writer) : codeKey(arg, writer)}`
  return `${key})`
}

function markOf({ isOptional }: { readonly isOptional?: true }): string {
  return isOptional === true ? '?' : ''
}
