import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, Environment, RelatedSpan } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/span.ts'

/** A diagnostic before its severity, which belongs to the code. */
export interface Finding {
  readonly code: DiagnosticCode
  readonly span: Span
  readonly message: string
  /** A function where it takes a search: it is asked only for what is reported, and not for thousands. */
  readonly hint?: string | (() => string | undefined) | undefined
  readonly related?: readonly RelatedSpan[]
  readonly environment?: Environment | undefined
}

export type Report = (finding: Finding) => void

export interface Reporter {
  readonly report: Report
  hasErrors(): boolean
  /** What the work gives where nothing is reported meanwhile, else `undefined`: then nothing is kept of it. */
  probe<T>(work: () => T): T | undefined
  /** Ordered by file and position, each code once at one place. */
  diagnostics(): readonly Diagnostic[]
}

export function createReporter(files: readonly string[]): Reporter {
  const found = new Map<string, Diagnostic>()
  let errors = 0
  let isProbing = false
  let hasFound = false
  const fileOrder = new Map(files.map((file, index) => [file, index]))
  return {
    report: (finding) => {
      if (isProbing) {
        hasFound = true
        return
      }
      const key = keyOf(finding)
      if (found.has(key)) return
      const diagnostic = toDiagnostic(finding, found.size < MAX_SEARCHED_HINTS)
      if (diagnostic.severity === 'error') errors++
      found.set(key, diagnostic)
    },
    hasErrors: () => errors > 0,
    probe: (work) => {
      isProbing = true
      hasFound = false
      const result = work()
      isProbing = false
      return hasFound ? undefined : result
    },
    diagnostics: () =>
      [...found.values()].sort(
        (a, b) =>
          (fileOrder.get(a.span.file) ?? 0) - (fileOrder.get(b.span.file) ?? 0) ||
          a.span.start - b.span.start ||
          a.span.end - b.span.end,
      ),
  }
}

/** Past this, hints that search for near names are left out: nobody reads them, and each search costs. */
const MAX_SEARCHED_HINTS = 200

/** What makes two findings the same: code and place. */
export function keyOf(finding: Finding): string {
  return `${finding.code} ${finding.span.start} ${finding.span.end} ${finding.span.file}`
}

function toDiagnostic(finding: Finding, mayBeSearched: boolean): Diagnostic {
  const { code, span, message, related, environment } = finding
  const hint = typeof finding.hint !== 'function' ? finding.hint : mayBeSearched ? finding.hint() : undefined
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
