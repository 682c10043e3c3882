import type { Clause, Duty, Expression } from '../ast/nodes.ts'
import type { CheckState } from './check-state.ts'
import { checkDistinct } from './declarations.ts'
import { checkInEnvironments } from './expressions/check-in-environments.ts'
import { createFactStack, NO_FACTS } from './expressions/facts.ts'
import { inferCondition, inferPresent } from './expressions/require.ts'
import type { Observations } from './expressions/run-typing.ts'
import type { Pair, Position, Roots, Scope, Typing } from './expressions/typing.ts'
import { EMPTY_SCOPE } from './expressions/typing.ts'

/** Clauses and duties that stand together: each clause is read under the ones before it. */
export interface Guarded {
  readonly clauses: readonly Clause[]
  readonly duties: readonly Duty[]
  readonly roots: Roots
  readonly scope?: Scope
}

/** `undefined` where they are too large to look at; that is reported. */
export function checkGuarded(guarded: Guarded, state: CheckState): Observations | undefined {
  const scope = guarded.scope ?? EMPTY_SCOPE
  resolveAll(guarded, new Set(scope.keys()), state)
  const measure = state.tables.values.measure(expressionsOf(guarded))
  if (measure === undefined) return undefined
  const observed = checkInEnvironments({
    tables: state.tables,
    roots: guarded.roots,
    measure,
    methods: state.methods,
    report: state.report,
    check: (typing) =>
      inferAll(typing, guarded, {
        roots: typing.roots,
        scope,
        facts: NO_FACTS,
        isMonotone: true,
        isInlined: false,
      }),
  })
  for (const duty of guarded.duties) {
    state.duties.noteUse(duty)
    for (const argument of duty.arguments) {
      const type = observed.argumentTypes.get(argument.value)
      if (type !== undefined) state.duties.note(duty, argument, type)
    }
  }
  return observed
}

function resolveAll(
  { clauses, duties }: Guarded,
  scope: ReadonlySet<string>,
  { names, report }: CheckState,
): void {
  for (const clause of clauses) names.resolve(clause.condition, scope)
  for (const duty of duties) {
    checkDistinct(
      duty.arguments.map((argument) => argument.name),
      'argument',
      report,
    )
    for (const argument of duty.arguments) names.resolve(argument.value, scope)
  }
}

function expressionsOf({ clauses, duties }: Guarded): readonly Expression[] {
  return [
    ...clauses.map((clause) => clause.condition),
    ...duties.flatMap((duty) => duty.arguments.map((argument) => argument.value)),
  ]
}

function inferAll(typing: Typing, { clauses, duties }: Guarded, start: Position): void {
  const facts = createFactStack(NO_FACTS)
  for (const clause of clauses) {
    const isIf = clause.kind === 'if'
    const typed = inferCondition(typing, clause.condition, {
      ...start,
      facts: facts.current(),
      isMonotone: isIf,
    })
    facts.add(isIf ? typed.whenTrue : typed.whenFalse)
  }
  const position: Position = { ...start, facts: facts.current() }
  for (const duty of duties) {
    for (const argument of duty.arguments) {
      const { type } = inferPresent(typing, argument.value, position)
      if (type !== undefined) typing.noteArgument(argument.value, type)
    }
  }
}

/** The roots of something that applies to pairs. */
export function rootsOf(subject: readonly string[], pairs: readonly Pair[], place: string): Roots {
  return { subject, resource: resourceTypesOf(pairs), pairs, hasContext: true, place }
}

// A memo: rules that apply to the same pairs share one list of them, and then one list of their types.
const resourceTypes = new WeakMap<readonly Pair[], readonly string[]>()

function resourceTypesOf(pairs: readonly Pair[]): readonly string[] {
  let types = resourceTypes.get(pairs)
  if (types === undefined) {
    types = [...new Set(pairs.map((pair) => pair.resourceType))]
    resourceTypes.set(pairs, types)
  }
  return types
}
