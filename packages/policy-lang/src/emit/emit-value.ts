// AnyCode → lines that compute a value in the fast form.

import type { Type } from '../model/types.ts'
import type { Value } from '../model/values.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { ConstantKind } from '../program/rule-table.ts'
import { emitAttribute, emitContext, emitOwnAttribute, emitParameter, emitPart } from './emit-read.ts'
import { listedConstantJs } from './rule-list.ts'
import { failureOf, formOf, NoFastForm, type Operand, type Site, singleType } from './site.ts'

export type CodeOf<Op extends AnyCode['op']> = Extract<AnyCode, { readonly op: Op }>

export const BOOL: Type = { kind: 'bool' }
export const STRING: Type = { kind: 'string' }
export const NUMBER: Type = { kind: 'number' }
const DATETIME: Type = { kind: 'datetime' }
export const DURATION: Type = { kind: 'duration' }

function plain(js: string, type: Type): Operand {
  return { js, type, canFail: false, canBeAbsent: false }
}

/** @throws NoFastForm */
export function emitValue(code: AnyCode, site: Site): Operand {
  switch (code.op) {
    case 'literal':
      return emitLiteral(code.value, site)
    case 'constant':
      return plain(listedConstantJs(code.slot), constantType(site.kinds[code.slot] ?? refuse()))
    case 'subject':
      return plain('sid', entityType(site.subject.schema.name))
    case 'resource':
      return plain('rid', entityType(site.resource.type.schema.name))
    case 'actionName':
      if (site.action === undefined) throw new NoFastForm()
      return plain(site.writer.constant(site.action.name), STRING)
    case 'context':
      return emitContext(site, code.name) ?? refuse()
    case 'parameter':
      return emitParameter(site, code.name) ?? refuse()
    case 'variable':
      return site.variables.get(code.name) ?? refuse()
    case 'now': {
      const js = site.writer.local('v')
      site.writer.line(`const ${js} = h.readClock(run);`)
      return { js, type: DATETIME, canFail: true, canBeAbsent: false }
    }
    case 'member':
      return emitMember(code.object, code.name, site)
    case 'entry':
      return emitEntry(code, site)
    case 'coalesce':
      return emitCoalesce(code, site)
    case 'conditional':
      return emitConditional(code, site)
    case 'arithmetic':
      return emitArithmetic(code, site)
    case 'negate':
      return emitNegation(code, site)
    case 'set':
      return emitSetLiteral(code, site)
    case 'method':
      return site.forms.method(code, site)
    case 'absent':
    case 'record':
    case 'roleParameter':
      return refuse()
    default:
      return emitTruth(code, site)
  }
}

function refuse(): never {
  throw new NoFastForm()
}

function entityType(name: string): Type {
  return { kind: 'entity', types: [name] }
}

/** A condition where a value stands. */
function emitTruth(code: AnyCode, site: Site): Operand {
  const { yes, failed } = site.forms.test(code, site)
  const js = site.writer.local('v')
  site.writer.line(`const ${js} = ${failed === undefined ? yes : `(${failed}) ? FAIL : (${yes})`};`)
  return { js, type: BOOL, canFail: failed !== undefined, canBeAbsent: false }
}

function emitLiteral(value: Value, { writer }: Site): Operand {
  switch (typeof value) {
    case 'boolean':
      return plain(String(value), BOOL)
    case 'string':
      return plain(writer.constant(value), STRING)
    case 'number':
      return plain(writer.constant(value), NUMBER)
  }
  switch (value.kind) {
    case 'datetime':
      return plain(writer.constant(value.epochMs), DATETIME)
    case 'duration':
      return plain(writer.constant(value.ms), DURATION)
    case 'ip':
      return plain(writer.constant(value), { kind: 'ip' })
    case 'entity':
      return plain(writer.constant(value.id), entityType(value.type))
    default:
      return refuse()
  }
}

/** Constants of a rule stand in `c`. */
function constantType(kind: ConstantKind): Type {
  switch (kind.kind) {
    case 'entity':
      return entityType(kind.type)
    case 'like':
    case 'matches':
    case 'role':
      return refuse()
    default:
      return { kind: kind.kind }
  }
}

/** Sets of literals only: a constant, as the JSON that such a set would be sent as. */
function emitSetLiteral({ elements }: CodeOf<'set'>, { writer }: Site): Operand {
  const types = new Set<string>()
  const json = elements.map((element) => {
    if (element.op !== 'literal') return refuse()
    const { value } = element
    if (typeof value === 'object' && value.kind === 'entity') {
      types.add(value.type)
      return { type: value.type, id: value.id }
    }
    return typeof value === 'object' ? refuse() : value
  })
  const [first] = json
  const element: Type = types.size > 0 ? { kind: 'entity', types: [...types].sort() } : typeOfJson(first)
  return plain(writer.constant(json), { kind: 'set', element })
}

function typeOfJson(json: unknown): Type {
  if (typeof json === 'boolean') return BOOL
  return typeof json === 'number' ? NUMBER : STRING
}

function emitMember(object: AnyCode, name: string, site: Site): Operand {
  if (object.op === 'subject' && name !== 'id') {
    const attribute = site.subject.attributes.get(name) ?? refuse()
    return emitOwnAttribute(site, true, attribute)
  }
  if (object.op === 'resource' && name !== 'id') {
    const attribute = site.resource.type.attributes.get(name) ?? refuse()
    if (site.resource.isRoot) return emitOwnAttribute(site, false, attribute)
    return emitAttribute(site, site.resource.type.schema.name, 'rid', attribute)
  }
  return emitMemberOf(emitValue(object, site), name, site)
}

function emitMemberOf(object: Operand, name: string, site: Site): Operand {
  if (object.type.kind === 'record' || object.type.kind === 'map') return emitRecordMember(object, name, site)
  const type = singleType(object.type) ?? refuse()
  if (name === 'id') return { ...object, type: STRING }
  const attribute = site.linked.types.get(type)?.attributes.get(name) ?? refuse()
  const missing = failureOf(object)
  if (missing === undefined) return emitAttribute(site, type, object.js, attribute)
  const js = site.writer.local('v')
  site.writer.line(`let ${js} = ${object.js};`)
  site.writer.line(`if (!(${missing})) {`)
  site.writer.nested(() => {
    site.writer.line(`${js} = ${emitAttribute(site, type, object.js, attribute).js};`)
  })
  site.writer.line('}')
  return {
    js,
    type: attribute.type,
    canFail: true,
    canBeAbsent: object.canBeAbsent || attribute.isOptional,
  }
}

/** A member of checked JSON: what a map lacks is absent, and so is what an absent record lacks. */
function emitRecordMember(object: Operand, name: string, site: Site): Operand {
  const part = partOf(object.type, name) ?? refuse()
  return emitGuarded(
    object,
    part.type,
    part.isOptional,
    `h.memberOf(${object.js}, ${JSON.stringify(name)})`,
    site,
  )
}

function partOf(type: Type, name: string): { readonly type: Type; readonly isOptional: boolean } | undefined {
  if (type.kind === 'map') return { type: type.value, isOptional: true }
  return type.kind === 'record' ? type.fields.find((field) => field.name === name) : undefined
}

function emitGuarded(object: Operand, type: Type, isOptional: boolean, json: string, site: Site): Operand {
  const missing = failureOf(object)
  if (missing === undefined) return emitPart(site, json, type, isOptional)
  const js = site.writer.local('v')
  site.writer.line(`let ${js} = ${object.js};`)
  site.writer.line(`if (!(${missing})) {`)
  site.writer.nested(() => {
    site.writer.line(`${js} = ${emitPart(site, json, type, isOptional).js};`)
  })
  site.writer.line('}')
  return { js, type, canFail: object.canFail, canBeAbsent: object.canBeAbsent || isOptional }
}

function emitEntry({ object, key }: CodeOf<'entry'>, site: Site): Operand {
  if (key.op === 'literal' && typeof key.value === 'string') return emitMember(object, key.value, site)
  const map = emitValue(object, site)
  if (map.type.kind !== 'map') return refuse()
  const name = emitValue(key, site)
  if (formOf(name.type) !== 'string' || failureOf(name) !== undefined) return refuse()
  return emitGuarded(map, map.type.value, true, `h.memberOf(${map.js}, ${name.js})`, site)
}

/** The first that is not absent; a failure is not absence. */
function emitCoalesce({ operands }: CodeOf<'coalesce'>, site: Site): Operand {
  const [first, ...others] = operands
  if (first === undefined) return refuse()
  let value = emitValue(first, site)
  for (const operand of others) {
    if (!value.canBeAbsent) return value
    value = emitFallback(value, operand, site)
  }
  return value
}

function emitFallback(value: Operand, operand: AnyCode, site: Site): Operand {
  const { writer } = site
  const js = writer.local('v')
  writer.line(`let ${js} = ${value.js};`)
  writer.line(`if (${js} === undefined) {`)
  let other: Operand | undefined
  writer.nested(() => {
    other = emitValue(operand, site)
    writer.line(`${js} = ${other.js};`)
  })
  writer.line('}')
  if (other === undefined || !isInterchangeable(value.type, other.type)) return refuse()
  const type = isEmptySet(operand) ? value.type : wider(value.type, other.type)
  return { js, type, canFail: value.canFail || other.canFail, canBeAbsent: other.canBeAbsent }
}

function isEmptySet(code: AnyCode): boolean {
  return code.op === 'set' && code.elements.length === 0
}

/** Sets are JSON whatever they hold; where one may hold what the other does not, only the form counts. */
function isInterchangeable(a: Type, b: Type): boolean {
  if (a.kind === 'set' && b.kind === 'set')
    return formOf(a.element) === formOf(b.element) || b.element === STRING
  if (a.kind === 'map' || a.kind === 'record') return false
  return formOf(a) === formOf(b)
}

function wider(a: Type, b: Type): Type {
  return a.kind === 'enum' ? b : a
}

function emitConditional({ test, then, otherwise }: CodeOf<'conditional'>, site: Site): Operand {
  const { writer } = site
  const { yes, failed } = site.forms.test(test, site)
  // Where the test fails, both arms count if they agree: the reference compares them.
  if (failed !== undefined) writer.line(`if (${failed}) throw LEAVE;`)
  const js = writer.local('v')
  const arms: Operand[] = []
  const arm = (code: AnyCode): void => {
    writer.nested(() => {
      const value = emitValue(code, site)
      writer.line(`${js} = ${value.js};`)
      arms.push(value)
    })
  }
  writer.line(`let ${js};`)
  writer.line(`if (${yes}) {`)
  arm(then)
  writer.line('} else {')
  arm(otherwise)
  writer.line('}')
  const [a, b] = arms
  if (a === undefined || b === undefined || !isInterchangeable(a.type, b.type)) return refuse()
  return {
    js,
    type: wider(a.type, b.type),
    canFail: a.canFail || b.canFail,
    canBeAbsent: a.canBeAbsent || b.canBeAbsent,
  }
}

function emitArithmetic({ operator, left, right }: CodeOf<'arithmetic'>, site: Site): Operand {
  const a = emitValue(left, site)
  const b = emitValue(right, site)
  const { js: result, type } = calculation(operator, a, b) ?? refuse()
  return emitStrict([a, b], result, type, site)
}

function calculation(
  operator: string,
  a: Operand,
  b: Operand,
): { readonly js: string; readonly type: Type } | undefined {
  const forms = `${formOf(a.type)} ${operator} ${formOf(b.type)}`
  switch (forms) {
    case 'number + number':
    case 'number - number':
    case 'number * number':
      return { js: `h.checkNumber(${a.js} ${operator} ${b.js})`, type: NUMBER }
    case 'string + string':
      return { js: `h.join(run, ${a.js}, ${b.js})`, type: STRING }
    case 'duration + duration':
    case 'duration - duration':
      return { js: `h.checkDuration(${a.js} ${operator} ${b.js})`, type: DURATION }
    case 'datetime - datetime':
      return { js: `h.checkDuration(${a.js} - ${b.js})`, type: DURATION }
    case 'datetime + duration':
      return { js: `h.shiftDatetime(${a.js}, ${b.js})`, type: DATETIME }
    case 'datetime - duration':
      return { js: `h.shiftDatetime(${a.js}, -${b.js})`, type: DATETIME }
    case 'duration + datetime':
      return { js: `h.shiftDatetime(${b.js}, ${a.js})`, type: DATETIME }
    case 'duration * number':
    case 'number * duration':
      return { js: `h.checkDuration(Math.trunc(${a.js} * ${b.js}))`, type: DURATION }
    default:
      return undefined
  }
}

function emitNegation({ operand }: CodeOf<'negate'>, site: Site): Operand {
  const value = emitValue(operand, site)
  const form = formOf(value.type)
  if (form === 'number') return emitStrict([value], `0 - ${value.js}`, NUMBER, site)
  if (form === 'duration') return emitStrict([value], `0 - ${value.js}`, DURATION, site)
  return refuse()
}

/** What fails where a part fails or is absent, and may fail by itself. */
function emitStrict(parts: readonly Operand[], result: string, type: Type, site: Site): Operand {
  const failed = failureOf(...parts)
  const js = site.writer.local('v')
  site.writer.line(`const ${js} = ${failed === undefined ? result : `(${failed}) ? FAIL : ${result}`};`)
  return { js, type, canFail: true, canBeAbsent: false }
}

/** A chain on an absent receiver is absent as a whole. */
export function emitChained(
  receiver: Operand,
  args: readonly Operand[],
  result: string,
  type: Type,
  site: Site,
): Operand {
  const failed = failureOf({ ...receiver, canBeAbsent: false }, ...args)
  const strict = failed === undefined ? result : `(${failed}) ? FAIL : ${result}`
  const js = site.writer.local('v')
  const orAbsent = receiver.canBeAbsent ? `${receiver.js} === undefined ? undefined : ` : ''
  site.writer.line(`const ${js} = ${orAbsent}${strict};`)
  return { js, type, canFail: true, canBeAbsent: receiver.canBeAbsent }
}
