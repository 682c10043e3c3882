import type { Expression } from '../ast/nodes.ts'
import { expressionsIn } from '../ast/top-level-expressions.ts'
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
  // INVARIANT: whatever stands directly in an assignment or a test is a constant.
  const constants = [...checked.assignments, ...checked.tests].flatMap(expressionsIn)
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
