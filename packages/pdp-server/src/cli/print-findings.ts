import { type DataProblem, type Diagnostic, renderDiagnostic, type SourceFile } from '@edict/policy-lang'
import { type CliIo, type CliOutput, count, createPaint, say, visible, wantsColor } from './io.ts'

/** Diagnostics with code frames, a blank line after each. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
  output: CliOutput,
  io: CliIo,
): void {
  const color = wantsColor(output, io.env)
  for (const diagnostic of diagnostics) {
    say(output, renderDiagnostic(diagnostic, sources, { color }))
    say(output)
  }
}

export function printDataProblems(
  problems: readonly DataProblem[],
  severity: 'error' | 'warning',
  output: CliOutput,
  io: CliIo,
): void {
  const paint = createPaint(output, io.env)
  for (const { file, path, message, hint } of problems) {
    say(
      output,
      `${paint(severity === 'error' ? 'red' : 'yellow', severity)}: ${paint('bold', visible(`${path} ${message}`))}`,
    )
    say(output, ` ${paint('dim', '-->')} ${visible(file)}`)
    if (hint !== undefined) say(output, `  ${paint('dim', '=')} hint: ${visible(hint)}`)
    say(output)
  }
}

/** `2 errors, 1 warning`, or `no problems`. */
export function summarize(errors: number, warnings: number): string {
  const parts = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ]
  return parts.length === 0 ? 'no problems' : parts.join(', ')
}

export function countErrors(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length
}
