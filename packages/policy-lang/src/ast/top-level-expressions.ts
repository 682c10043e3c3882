import type { Clause, Declaration, Duty, Expression, TestItem } from './nodes.ts'

/** The expressions that stand directly in a declaration. The word `illTyped` of a fixture is none. */
export function expressionsIn(declaration: Declaration): readonly Expression[] {
  switch (declaration.kind) {
    case 'entityType':
    case 'typeAlias':
    case 'context':
    case 'trustStore':
      return []
    case 'role':
      return [
        ...(declaration.when === undefined ? [] : [declaration.when]),
        ...declaration.grants.flatMap((grant) => [...conditions(grant.clauses), ...dutyValues(grant.duties)]),
      ]
    case 'roleCondition':
      return [declaration.condition]
    case 'assignment':
      return [
        ...declaration.arguments.map((argument) => argument.value),
        ...(declaration.until === undefined ? [] : [declaration.until]),
      ]
    case 'let':
      return [declaration.value]
    case 'fn':
      return [declaration.body]
    case 'rule':
      return [...conditions(declaration.clauses), ...dutyValues(declaration.duties)]
    case 'invariant':
      return conditions(declaration.clauses)
    case 'test':
      return declaration.items.flatMap(expressionsInItem)
  }
}

function conditions(clauses: readonly Clause[]): readonly Expression[] {
  return clauses.map((clause) => clause.condition)
}

function dutyValues(duties: readonly Duty[]): readonly Expression[] {
  return duties.flatMap((duty) => duty.arguments.map((argument) => argument.value))
}

function expressionsInItem(item: TestItem): readonly Expression[] {
  switch (item.kind) {
    case 'given':
      return [
        ...item.entities.flatMap((entity) => fixtureValues(entity.attributes ?? [])),
        ...item.assignments.flatMap(expressionsIn),
      ]
    case 'testSubject':
      return [
        ...fixtureValues(item.entity.attributes ?? []),
        ...(item.roles ?? []).flatMap((role) => fixtureValues(role.arguments)),
      ]
    case 'testResource':
      return fixtureValues(item.entity.attributes ?? [])
    case 'testContext':
      return fixtureValues(item.attributes)
    case 'testNow':
      return [item.value]
    case 'expectation':
      return [...item.actions, ...item.obligations, ...item.advice].flatMap((named) =>
        fixtureValues(named.arguments),
      )
  }
}

function fixtureValues(
  entries: readonly { readonly value: Expression | { readonly kind: 'illTyped' } }[],
): readonly Expression[] {
  return entries.flatMap(({ value }) => (value.kind === 'illTyped' ? [] : [value]))
}
