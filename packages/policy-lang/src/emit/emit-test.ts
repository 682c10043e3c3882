// AnyCode → lines that decide a condition: true, false or failed, as the manual defines it (docs/language.md,
// "Failure").
import { toClockComparison } from '../evaluate/clock-comparison.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { Code, ComparisonOperator } from '../program/program.ts'
import { emitPart } from './emit-read.ts'
import type { CodeOf } from './emit-value.ts'
import { listedConstantJs } from './rule-list.ts'
import {
  failureOf,
  formOf,
  NO,
  NoFastForm,
  type Operand,
  type Site,
  singleType,
  type Test,
  YES,
} from './site.ts'

/** @throws NoFastForm */
export function emitTest(code: AnyCode, site: Site): Test {
  switch (code.op) {
    case 'literal':
      return code.value === true ? YES : NO
    case 'not': {
      const { yes, failed } = emitTest(code.operand, site)
      return { yes: `!(${yes})`, failed }
    }
    case 'and':
    case 'or':
      return emitJunction(code.op, code.operands, site)
    case 'compare':
      return emitComparison(code, site)
    case 'in':
      return emitMembership(code, site)
    case 'is':
      return emitTypeTest(code, site)
    case 'has':
      return emitPresence(code, site)
    case 'hasContext':
      return site.linked.context.has(code.name)
        ? presenceOf(site.forms.value({ ...code, op: 'context' }, site))
        : NO
    case 'hasParameter':
      return site.action?.parameters.has(code.name) === true
        ? presenceOf(site.forms.value({ ...code, op: 'parameter' }, site))
        : NO
    case 'actionIn':
      if (site.action === undefined) throw new NoFastForm()
      return code.actions.includes(site.action.name) ? YES : NO
    case 'like':
    case 'matches':
      return emitPattern(code, site)
    case 'quantifier':
      return emitQuantifier(code, site)
    case 'hasRole':
      return emitRoleTest(code, site)
    default:
      return emitBoolean(code, site)
  }
}

/** A Bool that is read or computed. */
function emitBoolean(code: AnyCode, site: Site): Test {
  if (
    !['member', 'entry', 'context', 'parameter', 'coalesce', 'conditional', 'method', 'variable'].includes(
      code.op,
    )
  ) {
    throw new NoFastForm()
  }
  const value = site.forms.value(code, site)
  if (value.type.kind !== 'bool') throw new NoFastForm()
  return { yes: value.js, failed: failureOf(value) }
}

/** Parts are decided in order and no further than needed; a failed one waits for one that settles it. */
function emitJunction(op: 'and' | 'or', operands: readonly AnyCode[], site: Site): Test {
  const { writer } = site
  const [first, ...others] = operands
  if (first === undefined) return op === 'and' ? YES : NO
  const outcome = writer.local('t')
  const label = writer.local('L')
  writer.line(`let ${outcome} = ${op === 'and' ? 1 : 0};`)
  writer.line(`${label}: {`)
  const settle = ({ yes, failed }: Test): void => {
    const settles = op === 'and' ? `!(${yes})` : yes
    const settled = `{ ${outcome} = ${op === 'and' ? 0 : 1}; break ${label}; }`
    writer.line(
      failed === undefined
        ? `if (${settles}) ${settled}`
        : `if (${failed}) ${outcome} = 2; else if (${settles}) ${settled}`,
    )
  }
  settle(emitTest(first, site))
  writer.nested(() => {
    for (const operand of others) settle(emitTest(operand, site))
  })
  writer.line('}')
  return { yes: `${outcome} === 1`, failed: `${outcome} === 2` }
}

function emitComparison(code: CodeOf<'compare'>, site: Site): Test {
  const withClock = emitClockComparison(code, site)
  if (withClock !== undefined) return withClock
  const left = site.forms.value(code.left, site)
  const right = site.forms.value(code.right, site)
  const failed = failureOf(left, right)
  if (code.operator === '==' || code.operator === '!=') {
    const equal = equalJs(left, right, site)
    return { yes: code.operator === '==' ? equal : `!(${equal})`, failed }
  }
  const form = formOf(left.type)
  const isOrdered = ['number', 'datetime', 'duration'].includes(form) && form === formOf(right.type)
  if (!isOrdered) throw new NoFastForm()
  return { yes: `${left.js} ${code.operator} ${right.js}`, failed }
}

function equalJs(left: Operand, right: Operand, { writer }: Site): string {
  const [a, b] = [formOf(left.type), formOf(right.type)]
  if (a === b) {
    if (['bool', 'string', 'number', 'datetime', 'duration'].includes(a) || a.startsWith('id of ')) {
      return `${left.js} === ${right.js}`
    }
    if (a === 'ip') return `h.equalIps(${left.js}, ${right.js})`
    if (a === 'reference') return `${left.js}.id === ${right.js}.id && ${left.js}.type === ${right.js}.type`
    throw new NoFastForm()
  }
  const [single, reference] = b === 'reference' ? [left, right] : [right, left]
  const type = singleType(single.type)
  if (left.type.kind !== 'entity' || right.type.kind !== 'entity') throw new NoFastForm()
  if (formOf(reference.type) !== 'reference' || type === undefined) return 'false'
  return `${reference.js}.id === ${single.js} && ${reference.js}.type === ${writer.constant(type)}`
}

/** `context.now ± duration` beside an instant. `undefined` where it is something else. */
function emitClockComparison(code: CodeOf<'compare'>, site: Site): Test | undefined {
  const comparison = toClockComparison(code as Extract<Code, { readonly op: 'compare' }>)
  if (comparison === undefined) return undefined
  const { shifts, operator, other } = comparison
  const [shift, ...more] = shifts
  if (more.length > 0) throw new NoFastForm()
  const right = site.forms.value(other, site)
  const offset = shift && site.forms.value(shift.code, site)
  if (offset !== undefined && formOf(offset.type) !== 'duration') return undefined
  if (formOf(right.type) !== 'datetime') throw new NoFastForm()
  return meetClock(operator, right, offset && { operand: offset, sign: shift?.sign ?? 1 }, site)
}

function meetClock(
  operator: ComparisonOperator,
  other: Operand,
  offset: { readonly operand: Operand; readonly sign: 1 | -1 } | undefined,
  { writer }: Site,
): Test {
  const js = writer.local('v')
  const missing = failureOf(other, ...(offset === undefined ? [] : [offset.operand]))
  const by = offset === undefined ? '0' : `${offset.sign === 1 ? '' : '-'}${offset.operand.js}`
  const met = `h.meetClock(run, ${by}, ${other.js}, '${operator}')`
  writer.line(`const ${js} = ${missing === undefined ? met : `(${missing}) ? FAIL : ${met}`};`)
  const sign = operator === '==' || operator === '!=' ? `${operator}=` : operator
  return { yes: `${js} ${sign} ${other.js}`, failed: `${js} === FAIL` }
}

function emitMembership({ left, right }: CodeOf<'in'>, site: Site): Test {
  const a = site.forms.value(left, site)
  const b = site.forms.value(right, site)
  const failed = failureOf(a, b)
  if (a.type.kind !== 'entity') {
    if (formOf(a.type) === 'ip' && formOf(b.type) === 'ip') {
      return { yes: `h.ipLiesIn(${a.js}, ${b.js})`, failed }
    }
    const isPlain =
      b.type.kind === 'set' &&
      ['string', 'bool', 'number'].includes(formOf(a.type)) &&
      formOf(a.type) === formOf(b.type.element)
    if (!isPlain) throw new NoFastForm()
    return { yes: `h.holds(run, ${b.js}, ${a.js})`, failed }
  }
  const call = membershipJs(a, b, site)
  const js = site.writer.local('t')
  site.writer.line(`const ${js} = ${failed === undefined ? call : `(${failed}) ? 2 : ${call}`};`)
  return { yes: `${js} === 1`, failed: `${js} === 2` }
}

function membershipJs(entity: Operand, group: Operand, { writer }: Site): string {
  const one = referenceJs(entity, writer.constant)
  if (group.type.kind === 'entity') {
    const other = referenceJs(group, writer.constant)
    return entity.js === 'sid' ? `h.subjectLiesIn(run, ${other})` : `h.liesIn(run, ${one}, ${other})`
  }
  if (group.type.kind !== 'set' || group.type.element.kind !== 'entity') throw new NoFastForm()
  const member = singleType(group.type.element)
  const memberType = member === undefined ? 'undefined' : writer.constant(member)
  return `h.liesInSet(run, ${one}, ${group.js}, ${memberType})`
}

/** Type and id, as two arguments. */
function referenceJs({ js, type }: Operand, constant: (value: unknown) => string): string {
  const single = singleType(type)
  return single === undefined ? `${js}.type, ${js}.id` : `${constant(single)}, ${js}`
}

function emitTypeTest({ operand, type }: CodeOf<'is'>, site: Site): Test {
  const value = site.forms.value(operand, site)
  const failed = failureOf(value)
  const single = singleType(value.type)
  if (single !== undefined) return { yes: String(single === type), failed }
  if (value.type.kind !== 'entity') throw new NoFastForm()
  return { yes: `${value.js}.type === ${site.writer.constant(type)}`, failed }
}

function emitPresence({ operand, name, at }: CodeOf<'has'>, site: Site): Test {
  const type = operand.op === 'subject' ? site.subject : site.resource.type
  if (operand.op === 'subject' || operand.op === 'resource') {
    if (name === 'id') return YES
    // What the type lacks is false, whatever else is unknown.
    if (!type.attributes.has(name)) return NO
    return presenceOf(site.forms.value({ op: 'member', object: operand, name, at }, site))
  }
  const value = site.forms.value(operand, site)
  if (value.type.kind !== 'map' && value.type.kind !== 'record') throw new NoFastForm()
  const isThere = `h.memberOf(${value.js}, ${JSON.stringify(name)}) !== undefined`
  return { yes: isThere, failed: failureOf(value) }
}

function presenceOf({ js, canFail }: Operand): Test {
  return { yes: `${js} !== undefined`, failed: canFail ? `${js} === FAIL` : undefined }
}

function emitPattern(code: CodeOf<'like' | 'matches'>, site: Site): Test {
  const text = site.forms.value(code.operand, site)
  if (formOf(text.type) !== 'string') throw new NoFastForm()
  const failed = failureOf(text)
  if (code.op === 'like') {
    return { yes: `h.isLike(run, ${text.js}, ${patternJs(code.pattern, (like) => like, site)})`, failed }
  }
  const pattern = patternJs(code.pattern, (text) => site.linked.patterns.get(text), site)
  return { yes: `h.matches(run, ${text.js}, ${pattern})`, failed }
}

/** A pattern of the rule, or its slot. */
function patternJs(pattern: string | number, compile: (text: string) => unknown, { writer }: Site): string {
  if (typeof pattern === 'number') return listedConstantJs(pattern)
  const compiled = compile(pattern)
  if (compiled === undefined) throw new NoFastForm()
  return writer.constant(compiled)
}

/** The `||` or `&&` of what its body is for each member. */
function emitQuantifier(code: CodeOf<'quantifier'>, site: Site): Test {
  const { writer } = site
  const set = site.forms.value(code.set, site)
  if (set.type.kind !== 'set') throw new NoFastForm()
  const { element } = set.type
  const isSome = code.quantifier === 'some'
  const outcome = writer.local('t')
  const json = writer.local('e')
  const missing = failureOf(set)
  writer.line(`let ${outcome} = ${isSome ? 0 : 1};`)
  writer.line(missing === undefined ? '{' : `if (${missing}) ${outcome} = 2; else {`)
  writer.line(`for (const ${json} of ${set.js}) {`)
  writer.line('h.charge(run, 1);')
  writer.nested(() => {
    const member = emitPart(site, json, element, false)
    const variables = new Map(site.variables).set(code.variable, member)
    const { yes, failed } = emitTest(code.body, { ...site, variables })
    const settles = isSome ? yes : `!(${yes})`
    const settled = `{ ${outcome} = ${isSome ? 1 : 0}; break; }`
    writer.line(
      failed === undefined
        ? `if (${settles}) ${settled}`
        : `if (${failed}) ${outcome} = 2; else if (${settles}) ${settled}`,
    )
  })
  writer.line('}')
  writer.line('}')
  return { yes: `${outcome} === 1`, failed: `${outcome} === 2` }
}

function emitRoleTest(code: CodeOf<'hasRole'>, site: Site): Test {
  if (code.on === undefined || code.on.op === 'resource') return site.forms.holds(code.role, undefined, site)
  const on = site.forms.value(code.on, site)
  const failed = failureOf(on)
  if (singleType(on.type) === undefined) throw new NoFastForm()
  if (failed === undefined) return site.forms.holds(code.role, on, site)
  const { writer } = site
  const js = writer.local('t')
  writer.line(`let ${js} = 2;`)
  writer.line(`if (!(${failed})) {`)
  writer.nested(() => {
    const inner = site.forms.holds(code.role, on, site)
    writer.line(`${js} = (${inner.failed ?? 'false'}) ? 2 : (${inner.yes}) ? 1 : 0;`)
  })
  writer.line('}')
  return { yes: `${js} === 1`, failed: `${js} === 2` }
}
