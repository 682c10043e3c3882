import type { Call, Expression, Quantifier, Root } from '../ast/nodes.ts'
import { childExpressions } from '../ast/walk.ts'
import type { Report } from './report.ts'

/** Past this, sizes no longer matter; it keeps sums and products of them finite. */
const SATURATED = 1e9
/** How much of a chain of calls is kept for the message. */
const KEPT_CALLS = 10

/**
 * What an expression comes to once every `let` and `fn` in it is put in, without putting them in.
 * Parameters count as nothing themselves: `parameters` says how the arguments weigh.
 */
export interface Measure {
  readonly size: number
  readonly depth: number
  readonly parameters: ReadonlyMap<string, ParameterUse>
  readonly hasQuantifier: boolean
  readonly readsSubject: boolean
  readonly readsAction: boolean
  readonly readsResource: boolean
  readonly hasRoleTest: boolean
  /** The chain of calls that adds most. */
  readonly calls: readonly string[]
}

export interface ParameterUse {
  readonly count: number
  /** How deep below the root of the body it stands at most. */
  readonly depth: number
  readonly isInQuantifier: boolean
}

/** What the measure of an expression rests on. */
export interface MeasureContext {
  /** The parameters in force: of the `fn` whose body this is. */
  readonly parameters: ReadonlySet<string>
  readonly valueOf: (name: string) => MeasuredValue | undefined
  readonly report: Report
}

export interface MeasuredValue {
  readonly name: string
  readonly parameters: readonly string[]
  readonly measure: Measure
}

const NO_PARAMETERS: ReadonlyMap<string, ParameterUse> = new Map()
const EMPTY: Measure = {
  size: 0,
  depth: 0,
  parameters: NO_PARAMETERS,
  hasQuantifier: false,
  readsSubject: false,
  readsAction: false,
  readsResource: false,
  hasRoleTest: false,
  calls: [],
}
const LEAF: Measure = { ...EMPTY, size: 1, depth: 1 }
const ROOTS: Readonly<Record<Root['root'], Measure>> = {
  subject: { ...LEAF, readsSubject: true },
  action: { ...LEAF, readsAction: true },
  resource: { ...LEAF, readsResource: true },
  context: LEAF,
}

/** Also reports `nested-quantifier`, which only shows once calls are followed. */
export function measureExpression(expression: Expression, context: MeasureContext): Measure {
  switch (expression.kind) {
    case 'root':
      return ROOTS[expression.root]
    case 'actionTest':
      return { ...LEAF, readsAction: true }
    case 'reference':
      return measureReference(expression.name.name, context)
    case 'call':
      return measureCall(expression, context)
    case 'quantifier':
      return measureQuantifier(expression, context)
    case 'hasRole': {
      const inner = measureChildren(expression, context)
      return {
        ...inner,
        hasRoleTest: true,
        readsResource: inner.readsResource || expression.on === undefined,
      }
    }
    default:
      return measureChildren(expression, context)
  }
}

/** Several expressions that belong together, such as all clauses of a rule. */
export function measureAll(expressions: readonly Expression[], context: MeasureContext): Measure {
  return combine(expressions.map((expression) => measureExpression(expression, context)))
}

function measureChildren(expression: Expression, context: MeasureContext): Measure {
  const children = childExpressions(expression)
  if (children.length === 0) return LEAF
  return deepen(combine(children.map((child) => measureExpression(child, context))))
}

function measureReference(name: string, context: MeasureContext): Measure {
  if (context.parameters.has(name)) {
    return { ...EMPTY, parameters: new Map([[name, { count: 1, depth: 0, isInQuantifier: false }]]) }
  }
  const value = context.valueOf(name)
  return value === undefined ? LEAF : putIn(value)
}

/** What is put in counts one step deeper: later stages recurse through the name, too. */
function putIn({ name, measure }: MeasuredValue): Measure {
  return {
    ...measure,
    depth: measure.depth + 1,
    parameters: EMPTY.parameters,
    calls: addCall(name, measure.calls),
  }
}

function measureCall(call: Call, context: MeasureContext): Measure {
  const callee = context.valueOf(call.name.name)
  const given = call.arguments.map((argument) => measureExpression(argument, context))
  if (callee === undefined) return deepen(combine(given))
  const body = putIn(callee)
  const placed = callee.parameters.map((parameter, index) => {
    const use = callee.measure.parameters.get(parameter)
    const argument = given[index] ?? LEAF
    if (use === undefined) return EMPTY
    if (use.isInQuantifier && argument.hasQuantifier) reportNested(call, context, callee.name)
    return place(argument, use)
  })
  return combine([body, ...placed])
}

/** An argument as it weighs where a body uses its parameter. */
function place(argument: Measure, use: ParameterUse): Measure {
  const parameters = new Map<string, ParameterUse>()
  for (const [name, inner] of argument.parameters) {
    parameters.set(name, {
      count: saturate(inner.count * use.count),
      depth: inner.depth + use.depth + 1,
      isInQuantifier: inner.isInQuantifier || use.isInQuantifier,
    })
  }
  return {
    ...argument,
    size: saturate(argument.size * use.count),
    depth: argument.depth + use.depth + 1,
    parameters,
  }
}

function measureQuantifier(quantifier: Quantifier, context: MeasureContext): Measure {
  const set = measureExpression(quantifier.set, context)
  const inner = withoutParameter(context, quantifier.variable.name)
  const measured = measureExpression(quantifier.body, inner)
  const body: Measure = {
    ...measured,
    parameters: new Map(
      [...measured.parameters].map(([name, use]) => [name, { ...use, isInQuantifier: true }]),
    ),
  }
  if (set.hasQuantifier || body.hasQuantifier)
    reportNested(quantifier, context, [...body.calls, ...set.calls][0])
  return { ...deepen(combine([set, body])), hasQuantifier: true }
}

/** Inside a quantifier its variable hides a parameter and a value of that name. */
function withoutParameter(context: MeasureContext, name: string): MeasureContext {
  const parameters = new Set(context.parameters)
  parameters.delete(name)
  return { ...context, parameters, valueOf: (asked) => (asked === name ? undefined : context.valueOf(asked)) }
}

function reportNested(node: Call | Quantifier, context: MeasureContext, through: string | undefined): void {
  context.report({
    code: 'nested-quantifier',
    span: node.span,
    message: `\`some\` and \`every\` cannot be nested${through === undefined ? '' : `, and \`${through}\` brings another one in`}`,
    hint: 'test membership with `in`, `.containsAny` or `.containsAll` instead of the inner one, or put the inner one into the condition of a role (`role R of T if …`) and ask for `hasRole(R, x)`',
  })
}

function deepen(measure: Measure): Measure {
  return {
    ...measure,
    size: saturate(measure.size + 1),
    depth: measure.depth + 1,
    parameters: deepenUses(measure.parameters),
  }
}

function deepenUses(uses: ReadonlyMap<string, ParameterUse>): ReadonlyMap<string, ParameterUse> {
  if (uses.size === 0) return NO_PARAMETERS
  const deeper = new Map<string, ParameterUse>()
  for (const [name, use] of uses) deeper.set(name, { ...use, depth: use.depth + 1 })
  return deeper
}

function combine(measures: readonly Measure[]): Measure {
  if (measures.length === 1 && measures[0] !== undefined) return measures[0]
  const total: { -readonly [K in keyof Measure]: Measure[K] } = { ...EMPTY }
  let heaviest = 0
  for (const measure of measures) {
    total.size = saturate(total.size + measure.size)
    total.depth = Math.max(total.depth, measure.depth)
    total.hasQuantifier ||= measure.hasQuantifier
    total.readsSubject ||= measure.readsSubject
    total.readsAction ||= measure.readsAction
    total.readsResource ||= measure.readsResource
    total.hasRoleTest ||= measure.hasRoleTest
    if (measure.calls.length > 0 && measure.size > heaviest) {
      heaviest = measure.size
      total.calls = measure.calls
    }
  }
  total.parameters = uniteUses(measures)
  return total
}

function uniteUses(measures: readonly Measure[]): ReadonlyMap<string, ParameterUse> {
  if (measures.every((measure) => measure.parameters.size === 0)) return NO_PARAMETERS
  const united = new Map<string, ParameterUse>()
  for (const { parameters } of measures) {
    for (const [name, use] of parameters) united.set(name, addUse(united.get(name), use))
  }
  return united
}

function addUse(known: ParameterUse | undefined, use: ParameterUse): ParameterUse {
  if (known === undefined) return use
  return {
    count: saturate(known.count + use.count),
    depth: Math.max(known.depth, use.depth),
    isInQuantifier: known.isInQuantifier || use.isInQuantifier,
  }
}

function addCall(name: string, calls: readonly string[]): readonly string[] {
  return [name, ...calls.slice(0, KEPT_CALLS)]
}

function saturate(value: number): number {
  return Math.min(value, SATURATED)
}
