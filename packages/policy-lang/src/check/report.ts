import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, Environment, RelatedSpan } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/span.ts'

/** A diagnostic before its severity, which belongs to the code. */
export interface Finding {
  readonly code: DiagnosticCode
  readonly span: Span
  readonly message: string
  readonly hint?: string | undefined
  readonly related?: readonly RelatedSpan[]
  readonly environment?: Environment | undefined
}

export type Report = (finding: Finding) => void

export interface Reporter {
  readonly report: Report
  hasErrors(): boolean
  /** Ordered by file and position, each code once at one place. */
  diagnostics(): readonly Diagnostic[]
}

export function createReporter(files: readonly string[]): Reporter {
  const found = new Map<string, Diagnostic>()
  let errors = 0
  const fileOrder = new Map(files.map((file, index) => [file, index]))
  return {
    report: (finding) => {
      const key = keyOf(finding)
      if (found.has(key)) return
      const diagnostic = toDiagnostic(finding)
      if (diagnostic.severity === 'error') errors++
      found.set(key, diagnostic)
    },
    hasErrors: () => errors > 0,
    diagnostics: () =>
      [...found.values()].sort(
        (a, b) =>
          (fileOrder.get(a.span.file) ?? 0) - (fileOrder.get(b.span.file) ?? 0) ||
          a.span.start - b.span.start ||
          a.span.end - b.span.end,
      ),
  }
}

/** What makes two findings the same: code and place. */
export function keyOf(finding: Finding): string {
  return `${finding.code} ${finding.span.start} ${finding.span.end} ${finding.span.file}`
}

function toDiagnostic({ code, span, message, hint, related, environment }: Finding): Diagnostic {
  return {
    code,
    severity: DIAGNOSTIC_CODES[code].severity,
    message,
    span,
    ...(environment === undefined ? {} : { environment }),
    ...(related === undefined || related.length === 0 ? {} : { related }),
    ...(hint === undefined ? {} : { hint }),
  }
}
