import type {
  Argument,
  Assignment,
  EntityFixture,
  Expression,
  FixtureEntry,
  Test,
  TestItem,
} from '../ast/nodes.ts'
import type { CheckedPolicySet } from '../check/checked.ts'
import { DIAGNOSTIC_CODES } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { createLoweringUnit } from './compile-program.ts'
import { findConstant } from './constant-value.ts'
import { createPlaces } from './places.ts'

/**
 * Constants that cannot be computed at load. The checker has seen that they read nothing and have the right type;
 * what they come to is only known here.
 */
export function findConstantProblems(
  checked: CheckedPolicySet,
  sources: readonly SourceFile[],
): readonly Diagnostic[] {
  const unit = createLoweringUnit(checked, createPlaces(sources, []))
  const constants = [
    ...checked.assignments.flatMap(constantsOfAssignment),
    ...checked.tests.flatMap(constantsOfTest),
  ]
  return constants.flatMap((expression): readonly Diagnostic[] => {
    const found = findConstant(expression, unit)
    return typeof found === 'object' ? [] : [toDiagnostic(expression, found)]
  })
}

const FINDINGS = {
  'not-constant': {
    message: 'this has no value until a decision is made',
    hint: 'write a constant: literals, `let` and `fn` made of them, and `+ - *`',
  },
  'out-of-range': {
    message: 'the result of this is out of range',
    hint: 'numbers go up to 2^53 - 1, datetimes from the year 1 to 9999',
  },
} as const

function toDiagnostic({ span }: Expression, problem: keyof typeof FINDINGS): Diagnostic {
  const { severity } = DIAGNOSTIC_CODES['not-constant']
  return { code: 'not-constant', severity, span, ...FINDINGS[problem] }
}

function constantsOfAssignment({ arguments: args, until }: Assignment): readonly Expression[] {
  return [...valuesOf(args), ...(until === undefined ? [] : [until])]
}

function constantsOfTest({ items }: Test): readonly Expression[] {
  return items.flatMap(constantsOfItem)
}

function constantsOfItem(item: TestItem): readonly Expression[] {
  switch (item.kind) {
    case 'given':
      return [
        ...item.entities.flatMap(constantsOfFixture),
        ...item.assignments.flatMap(constantsOfAssignment),
      ]
    case 'testSubject':
      return [
        ...constantsOfFixture(item.entity),
        ...(item.roles ?? []).flatMap((role) => valuesOf(role.arguments)),
      ]
    case 'testResource':
      return constantsOfFixture(item.entity)
    case 'testContext':
      return constantsOfEntries(item.attributes)
    case 'testNow':
      return [item.value]
    case 'expectation':
      return [
        ...item.actions.flatMap((action) => constantsOfEntries(action.arguments)),
        ...[...item.obligations, ...item.advice].flatMap((duty) => valuesOf(duty.arguments)),
      ]
  }
}

function constantsOfFixture({ attributes = [] }: EntityFixture): readonly Expression[] {
  return constantsOfEntries(attributes)
}

function constantsOfEntries(entries: readonly FixtureEntry[]): readonly Expression[] {
  return entries.flatMap(({ value }) => (value.kind === 'illTyped' ? [] : [value]))
}

function valuesOf(args: readonly Argument[]): readonly Expression[] {
  return args.map(({ value }) => value)
}
