// Code → value, absent or failure: one case a form, each as the manual defines it (docs/language.md,
// "Expressions"). It throws for nothing but an exhausted budget, and knows nothing of rules and effects.
import { equalValues, valueKey } from '../model/equal-values.ts'
import type { Value } from '../model/values.ts'
import type { Code } from '../program/program.ts'
import { calculate, negate } from './arithmetic.ts'
import { compareWithClock, shiftClock, toClockComparison } from './clock-comparison.ts'
import { compareValues } from './compare.ts'
import { type Meter, stepsToRead, stepsToSearch, stepsToVisit } from './meter.ts'
import { callMethod } from './methods.ts'
import { hasMember, isIn, isPresent, locate, readMember } from './operations.ts'
import type { Failure, Outcome, Result } from './result.ts'
import { allOf, anyOf, failure, isFailure } from './result.ts'
import type { Scope, Session } from './session.ts'
import { matchesWildcard } from './wildcard.ts'

type CodeOf<Op extends Code['op']> = Extract<Code, { readonly op: Op }>

/** What the code comes to in this session, where its names stand for what the scope says. */
export function evaluate(code: Code, scope: Scope, session: Session): Result {
  session.meter.step()
  const result = evaluateForm(code, scope, session)
  session.observe?.(code, result, scope)
  return result
}

/** A condition: what is neither true nor false is failed. */
export function judge(code: Code, scope: Scope, session: Session): Outcome {
  const result = evaluate(code, scope, session)
  if (typeof result === 'boolean' || isFailure(result)) return result
  return failure('a condition has no value')
}

/** Forms that read an input, or decide themselves which of their parts count. */
function evaluateForm(code: Code, scope: Scope, session: Session): Result {
  const { inputs } = session
  switch (code.op) {
    case 'literal':
      return code.value
    case 'absent':
      return undefined
    case 'subject':
      return session.subject
    case 'resource':
      return scope.resource ?? failure('there is no resource here')
    case 'actionName':
      return session.actionName
    case 'actionIn':
      return code.actions.includes(session.actionName)
    case 'now':
      return evaluateNow(code, session)
    case 'context':
      return locate(inputs.context(code.name), code.at)
    case 'hasContext':
      return inputs.declaresContext(code.name) && isPresent(inputs.context(code.name), code.at)
    case 'parameter':
      return locate(inputs.parameter(code.name), code.at)
    case 'hasParameter':
      return inputs.declaresParameter(code.name) && isPresent(inputs.parameter(code.name), code.at)
    case 'roleParameter':
      return 'kind' in scope.parameters ? scope.parameters : scope.parameters.get(code.name)
    case 'variable':
      return scope.variables.get(code.name)
    case 'not': {
      const outcome = judge(code.operand, scope, session)
      return typeof outcome === 'boolean' ? !outcome : outcome
    }
    case 'and':
      return allOf(code.operands, (operand) => judge(operand, scope, session))
    case 'or':
      return anyOf(code.operands, (operand) => judge(operand, scope, session))
    case 'conditional':
      return evaluateConditional(code, scope, session)
    case 'coalesce':
      return evaluateCoalesce(code, scope, session)
    case 'quantifier':
      return evaluateQuantifier(code, scope, session)
    case 'compare':
      return evaluateComparison(code, scope, session)
    default:
      return evaluateStrict(code, scope, session)
  }
}

/** Forms that fail where a part fails. On an absent receiver, a chain (`?.`) is absent as a whole. */
function evaluateStrict(code: StrictCode, scope: Scope, session: Session): Result {
  const { meter } = session
  switch (code.op) {
    case 'set':
      return withValues(code.elements, scope, session, (elements) => toSet(elements, meter))
    case 'record': {
      const codes = code.entries.map((entry) => entry.code)
      return withValues(codes, scope, session, (values) => ({
        kind: 'record',
        entries: new Map(code.entries.map(({ name }, index) => [name, values[index] as Value])),
      }))
    }
    case 'member':
      return withReceiver(code.object, [], scope, session, (object) =>
        readMember(object, code.name, code.at, session),
      )
    case 'entry':
      return withReceiver(code.object, [code.key], scope, session, (object, [key]) =>
        readMember(object, String(key), code.at, session),
      )
    case 'method':
      return withReceiver(code.object, code.args, scope, session, (object, args) => {
        const result = callMethod(code.method, object, args, meter)
        return result ?? failure(`there is no \`${code.method}\` here`, { at: code.at })
      })
    case 'has':
      return withValue(code.operand, scope, session, (value) => hasMember(value, code.name, code.at, session))
    case 'is':
      return withValue(
        code.operand,
        scope,
        session,
        (value) => typeof value === 'object' && value.kind === 'entity' && value.type === code.type,
      )
    case 'in':
      return withValues([code.left, code.right], scope, session, ([left, right]) =>
        isIn(left as Value, right as Value, code.at, session),
      )
    case 'negate':
      return withValue(code.operand, scope, session, (value) => negate(value, code.at))
    case 'arithmetic':
      return withValues([code.left, code.right], scope, session, ([left, right]) =>
        calculate(code.operator, left as Value, right as Value, code.at, meter),
      )
    case 'like':
      return withText(code, scope, session, (text) => matchesWildcard(text, code.pattern))
    case 'matches':
      return withText(code, scope, session, (text) =>
        session.linked.patterns.get(code.pattern)?.testExact(text),
      )
    case 'hasRole':
      return evaluateHasRole(code, scope, session)
  }
}

type StrictCode = CodeOf<
  | 'set'
  | 'record'
  | 'member'
  | 'entry'
  | 'method'
  | 'has'
  | 'is'
  | 'in'
  | 'negate'
  | 'arithmetic'
  | 'like'
  | 'matches'
  | 'hasRole'
>

function evaluateNow({ at }: CodeOf<'now'>, { clock }: Session): Result {
  // As a bare value the clock may go anywhere: no instant can be told at which the answer changes.
  clock.flipsAnyTime()
  const now = clock.now()
  return typeof now === 'number' ? { kind: 'datetime', epochMs: now } : locate(now, at)
}

/** Where the test fails, its outcome does not matter if both arms agree. */
function evaluateConditional(code: CodeOf<'conditional'>, scope: Scope, session: Session): Result {
  const test = judge(code.test, scope, session)
  if (!isFailure(test)) return evaluate(test ? code.then : code.otherwise, scope, session)
  const then = evaluate(code.then, scope, session)
  const otherwise = evaluate(code.otherwise, scope, session)
  if (isFailure(then) || isFailure(otherwise)) return test
  if (then === undefined || otherwise === undefined) return then === otherwise ? undefined : test
  session.meter.step(stepsToVisit(then) + stepsToVisit(otherwise))
  return equalValues(then, otherwise) ? then : test
}

/** The first that is not absent. A failure is not absence. */
function evaluateCoalesce({ operands }: CodeOf<'coalesce'>, scope: Scope, session: Session): Result {
  for (const operand of operands) {
    const result = evaluate(operand, scope, session)
    if (result !== undefined) return result
  }
  return undefined
}

function evaluateQuantifier(code: CodeOf<'quantifier'>, scope: Scope, session: Session): Result {
  return withValue(code.set, scope, session, (set) => {
    if (typeof set !== 'object' || set.kind !== 'set') return failure('no set to look through', code)
    const judgeMember = (member: Value): Outcome => {
      const variables = new Map(scope.variables).set(code.variable, member)
      return judge(code.body, { ...scope, variables }, session)
    }
    return code.quantifier === 'some' ? anyOf(set.elements, judgeMember) : allOf(set.elements, judgeMember)
  })
}

function evaluateComparison(code: CodeOf<'compare'>, scope: Scope, session: Session): Result {
  return (
    evaluateClockComparison(code, scope, session) ??
    withValues([code.left, code.right], scope, session, ([left, right]) => {
      session.meter.step(stepsToVisit(left as Value) + stepsToVisit(right as Value))
      return compareValues(code.operator, left as Value, right as Value, code.at)
    })
  )
}

/** `undefined` where the comparison is none of the clock with an instant. */
function evaluateClockComparison(code: CodeOf<'compare'>, scope: Scope, session: Session): Result {
  const comparison = toClockComparison(code)
  if (comparison === undefined) return undefined
  const { clock, shifts, other } = comparison
  const parts = [other, ...shifts.map((shift) => shift.code)]
  return withValues(parts, scope, session, ([value, ...rest]) => {
    const durations = rest.flatMap((one) => (typeof one === 'object' && one.kind === 'duration' ? [one] : []))
    // `now - datetime` is a Duration: a use of the clock like any other.
    if (durations.length < rest.length) return undefined
    const instant = locate(shiftClock(session.clock, shifts, durations), code.at)
    session.observe?.(clock, instant, scope)
    if (instant === undefined || isFailure(instant)) return instant
    return compareWithClock(session.clock, instant, comparison, value as Value)
  })
}

function evaluateHasRole(code: CodeOf<'hasRole'>, scope: Scope, session: Session): Result {
  return withValue(code.on ?? { op: 'resource' }, scope, session, (on) => {
    if (typeof on !== 'object' || on.kind !== 'entity') return failure('a role is held on an entity', code)
    return locate(session.roles.holds(code.role, on, code.isNegative), code.at)
  })
}

function withText(
  code: CodeOf<'like' | 'matches'>,
  scope: Scope,
  session: Session,
  test: (text: string) => boolean | undefined,
): Result {
  return withValue(code.operand, scope, session, (text) => {
    if (typeof text !== 'string') return failure(`\`${code.op}\` tests a String`, code)
    session.meter.step(stepsToRead(text) + stepsToSearch(text, code.pattern))
    return test(text) ?? failure('the pattern is not compiled', code)
  })
}

function withReceiver(
  receiver: Code,
  args: readonly Code[],
  scope: Scope,
  session: Session,
  apply: (receiver: Value, args: readonly Value[]) => Result,
): Result {
  const object = evaluate(receiver, scope, session)
  if (object === undefined || isFailure(object)) return object
  return withValues(args, scope, session, (values) => apply(object, values))
}

function withValue(code: Code, scope: Scope, session: Session, apply: (value: Value) => Result): Result {
  return withValues([code], scope, session, ([value]) => apply(value as Value))
}

/** Applies to the values of all parts, or fails with the first that has none. */
function withValues(
  codes: readonly Code[],
  scope: Scope,
  session: Session,
  apply: (values: readonly Value[]) => Result,
): Result {
  const values: Value[] = []
  for (const code of codes) {
    const result = evaluate(code, scope, session)
    if (result === undefined) return failure('a value is absent', placeOf(code))
    if (isFailure(result)) return result
    values.push(result)
  }
  return apply(values)
}

function placeOf(code: Code): Pick<Failure, 'at'> {
  return 'at' in code ? { at: code.at } : {}
}

/** Duplicates by content count once. */
function toSet(elements: readonly Value[], meter: Meter): Value {
  for (const element of elements) meter.step(stepsToVisit(element))
  return { kind: 'set', elements: [...new Map(elements.map((value) => [valueKey(value), value])).values()] }
}
