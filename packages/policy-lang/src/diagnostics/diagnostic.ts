import type { DiagnosticCode } from './codes.ts'
import type { Span } from './span.ts'

export type Severity = 'error' | 'warning'

/** The combination of types in which a check failed. A member that plays no part is left out. */
export interface Environment {
  readonly subject?: string
  readonly action?: string
  readonly resource?: string
}

/** Another place that belongs to a diagnostic, such as the first of two declarations. */
export interface RelatedSpan {
  readonly span: Span
  readonly message: string
}

/**
 * One finding about a policy text: plain data, collected, never thrown.
 * Messages are lower case without a final period and hold the user's text in backticks.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: Severity
  readonly message: string
  readonly span: Span
  readonly environment?: Environment
  readonly related?: readonly RelatedSpan[]
  /** What to do about it, often a concrete replacement. */
  readonly hint?: string
}
