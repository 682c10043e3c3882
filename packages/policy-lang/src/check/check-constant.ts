import type { Argument, Expression, FixtureEntry, Name } from '../ast/nodes.ts'
import { isNothing } from '../model/describe-type.ts'
import type { FieldType, Type } from '../model/types.ts'
import type { CheckState } from './check-state.ts'
import { didYouMean } from './did-you-mean.ts'
import { checkInEnvironments } from './expressions/check-in-environments.ts'
import { NO_FACTS } from './expressions/facts.ts'
import { checkAssignable, inferPresent } from './expressions/require.ts'
import { EMPTY_SCOPE, type Roots } from './expressions/typing.ts'

/** Where a constant stands: for messages. */
export interface ConstantPlace {
  /** `the parameter \`limit\``: what the value is for. */
  readonly what: string
  /** `in an assignment`. */
  readonly place: string
}

/** A value that must be known without a request: literals, and `let` or `fn` made of them. */
export function checkConstant(
  expression: Expression,
  expected: Type | undefined,
  { what, place }: ConstantPlace,
  state: CheckState,
): Type | undefined {
  state.names.resolve(expression)
  const measure = state.tables.values.measure([expression])
  if (measure === undefined) return undefined
  const roots: Roots = { hasContext: false, place }
  const wanted = expected !== undefined && isNothing(expected) ? undefined : expected
  let found: Type | undefined
  checkInEnvironments({
    tables: state.tables,
    roots,
    measure,
    methods: state.methods,
    report: state.report,
    check: (typing) => {
      const position = { roots, scope: EMPTY_SCOPE, facts: NO_FACTS, isMonotone: true, isInlined: false }
      const typed = inferPresent(typing, expression, position, wanted)
      checkAssignable(typing, expression, typed, wanted, what)
      found = typed.type
    },
  })
  return found
}

/** Something that takes named arguments. */
export interface Signature {
  readonly parameters: readonly FieldType[]
  /** `the role \`exporter\``. */
  readonly owner: string
  readonly name: Name
  readonly place: string
}

/** Arguments of a role or an action: all known, of the right type, none missing. */
export function checkArguments(
  given: readonly (Argument | FixtureEntry)[],
  signature: Signature,
  state: CheckState,
): void {
  const { parameters, owner, name, place } = signature
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  const named = new Set<string>()
  for (const argument of given) {
    named.add(argument.name.name)
    const parameter = known.get(argument.name.name)
    if (parameter === undefined) reportUnknown(argument, signature, state)
    if (argument.value.kind === 'illTyped') continue
    checkConstant(
      argument.value,
      parameter?.type,
      { what: `\`${argument.name.name}\` of ${owner}`, place },
      state,
    )
  }
  const missing = parameters.filter((parameter) => !parameter.isOptional && !named.has(parameter.name))
  if (missing.length === 0) return
  const list = missing.map((parameter) => `\`${parameter.name}\``).join(', ')
  state.report({
    code: 'wrong-arguments',
    span: name.span,
    message: `${owner} needs ${list}`,
    hint: `write \`${name.name}(${missing.map((parameter) => `${parameter.name}: …`).join(', ')})\``,
  })
}

function reportUnknown(
  argument: Argument | FixtureEntry,
  { parameters, owner }: Signature,
  { report }: CheckState,
): void {
  report({
    code: 'unknown-parameter',
    span: argument.name.span,
    message: `${owner} has no parameter \`${argument.name.name}\``,
    hint: () =>
      didYouMean(
        argument.name.name,
        parameters.map((parameter) => parameter.name),
      ),
  })
}
