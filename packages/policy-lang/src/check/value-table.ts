import type { Expression, FnDeclaration, LetDeclaration } from '../ast/nodes.ts'
import { childExpressions } from '../ast/walk.ts'
import type { Declarations } from './declarations.ts'
import { checkDistinct } from './declarations.ts'
import {
  type Measure,
  type MeasureContext,
  type MeasuredValue,
  measureAll,
  measureExpression,
} from './measure-expression.ts'
import { orderByDependency } from './order-by-dependency.ts'
import type { Report } from './report.ts'

/** Nodes of a rule, condition or argument once all `let` and `fn` are put in. */
const MAX_EXPANDED_SIZE = 20_000
/** Nesting once all `let` and `fn` are put in: later stages recurse along it. */
const MAX_EXPANDED_DEPTH = 400

export interface ValueTable {
  /** `undefined` for names that are no value, or one that calls itself. */
  get(name: string): MeasuredValue | undefined
  /** Measures what stands in a rule or role; reports where it would grow too large, and gives `undefined`. */
  measure(expressions: readonly Expression[]): Measure | undefined
}

/** Orders `let` and `fn`, refuses recursion, and counts sizes before anything is expanded. */
export function createValueTable(declarations: Declarations, report: Report): ValueTable {
  const values = new Map<string, LetDeclaration | FnDeclaration>([...declarations.lets, ...declarations.fns])
  const { ordered, cycles } = orderByDependency(
    new Map([...values].map(([name, value]) => [name, valuesUsedBy(value, values)])),
  )
  for (const cycle of cycles) reportRecursion(cycle, values, report)
  const measured = new Map<string, MeasuredValue>()
  const context: MeasureContext = { parameters: new Set(), valueOf: (name) => measured.get(name), report }
  for (const name of ordered) {
    const value = values.get(name)
    if (value === undefined) continue
    const parameters = value.kind === 'fn' ? value.parameters.map((parameter) => parameter.name.name) : []
    if (value.kind === 'fn') checkParameters(value, report)
    const measure = measureExpression(bodyOf(value), { ...context, parameters: new Set(parameters) })
    measured.set(name, { name, parameters, measure })
  }
  return {
    get: (name) => measured.get(name),
    measure: (expressions) => {
      const measure = measureAll(expressions, context)
      if (measure.size <= MAX_EXPANDED_SIZE && measure.depth <= MAX_EXPANDED_DEPTH) return measure
      reportTooLarge(expressions, measure, report)
      return undefined
    },
  }
}

export function bodyOf(value: LetDeclaration | FnDeclaration): Expression {
  return value.kind === 'fn' ? value.body : value.value
}

/** Names of values that a body uses, without those that a parameter or variable hides. */
function valuesUsedBy(
  value: LetDeclaration | FnDeclaration,
  values: ReadonlyMap<string, unknown>,
): readonly string[] {
  const used = new Set<string>()
  const hidden = new Set(value.kind === 'fn' ? value.parameters.map((parameter) => parameter.name.name) : [])
  collectUses(bodyOf(value), hidden, used)
  return [...used].filter((name) => values.has(name))
}

/** Adds the names of `let` and `fn` that an expression uses itself. */
function collectUses(expression: Expression, hidden: ReadonlySet<string>, used: Set<string>): void {
  if (expression.kind === 'call') used.add(expression.name.name)
  if (expression.kind === 'reference' && !hidden.has(expression.name.name)) used.add(expression.name.name)
  if (expression.kind === 'quantifier') {
    collectUses(expression.set, hidden, used)
    collectUses(expression.body, new Set([...hidden, expression.variable.name]), used)
    return
  }
  for (const child of childExpressions(expression)) collectUses(child, hidden, used)
}

/** Arguments of a `fn` go by their order, so only its last ones can be left out. */
function checkParameters({ parameters, name }: FnDeclaration, report: Report): void {
  checkDistinct(
    parameters.map((parameter) => parameter.name),
    'parameter',
    report,
  )
  const optional = parameters.find((parameter) => parameter.isOptional)
  if (optional === undefined) return
  for (const parameter of parameters.slice(parameters.indexOf(optional))) {
    if (parameter.isOptional) continue
    report({
      code: 'parameter-order',
      span: parameter.name.span,
      message: `\`${parameter.name.name}\` must be given, and stands after \`${optional.name.name}\`, which need not`,
      hint: `arguments of a \`fn\` go by their order: put the parameters that may be left out last in \`${name.name}\``,
      related: [{ span: optional.name.span, message: 'the optional one' }],
    })
  }
}

function reportRecursion(
  cycle: readonly string[],
  values: ReadonlyMap<string, LetDeclaration | FnDeclaration>,
  report: Report,
): void {
  const first = values.get(cycle[0] ?? '')
  if (first === undefined) return
  report({
    code: 'recursive-value',
    span: first.name.span,
    message: `\`${first.name.name}\` uses itself: ${[...cycle, cycle[0]].map((name) => `\`${name}\``).join(' → ')}`,
    hint: 'a `let` or `fn` is put in where it is used, so it cannot use itself; use roles and `in` to follow a hierarchy',
  })
}

/** How many names of a long chain a message shows. */
const SHOWN_CALLS = 8

function reportTooLarge(expressions: readonly Expression[], measure: Measure, report: Report): void {
  const first = expressions[0]
  const last = expressions.at(-1)
  if (first === undefined || last === undefined) return
  const chain = measure.calls.slice(0, SHOWN_CALLS).map((name) => `\`${name}\``)
  if (measure.calls.length > SHOWN_CALLS) chain.push('…')
  const isTooLong = measure.size > MAX_EXPANDED_SIZE
  report({
    code: 'expansion-too-large',
    span: { ...first.span, end: Math.max(first.span.end, last.span.end) },
    message:
      `with every \`let\` and \`fn\` put in, this ` +
      (isTooLong ? `has more than ${MAX_EXPANDED_SIZE} parts` : `nests deeper than ${MAX_EXPANDED_DEPTH}`) +
      (chain.length === 0 ? '' : `: ${chain.join(' → ')}`),
    hint: 'split the rule, or make the values that call each other smaller',
  })
}
