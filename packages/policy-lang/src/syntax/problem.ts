import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, RelatedSpan } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/span.ts'

/** What every diagnostic of the syntax stage has; the severity follows from the code. */
export interface Problem {
  readonly code: DiagnosticCode
  readonly message: string
  readonly span: Span
  readonly hint?: string | undefined
  readonly related?: readonly RelatedSpan[] | undefined
  /** Where the text ends that is not in the language at all: what else is wrong with it, nobody wants to know. */
  readonly covers?: number
}

export function toDiagnostic(problem: Problem): Diagnostic {
  const { code, message, span, hint, related } = problem
  const { severity } = DIAGNOSTIC_CODES[code]
  return {
    code,
    severity,
    message,
    span,
    ...(related === undefined ? {} : { related }),
    ...(hint === undefined ? {} : { hint }),
  }
}
