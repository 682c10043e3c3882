import type { Diagnostic } from './diagnostic.ts'

/** Diagnostics by file and position, each once. Of two at one place the longer span comes first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const distinct = new Map(diagnostics.map((diagnostic) => [keyOf(diagnostic), diagnostic]))
  return [...distinct.values()].sort(compareDiagnostics)
}

function keyOf({ code, span, message }: Diagnostic): string {
  return JSON.stringify([code, span.file, span.start, span.end, message])
}

function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareTexts(a.span.file, b.span.file) ||
    a.span.start - b.span.start ||
    b.span.end - a.span.end ||
    compareTexts(a.code, b.code) ||
    compareTexts(a.message, b.message)
  )
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
