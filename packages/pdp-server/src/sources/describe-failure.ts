import { type DataProblem, type Diagnostic, locate, type SourceFile } from '@edict/policy-lang'
import type { LoadedState } from '../load-state.ts'
import type { SourceFailure } from './policy-source.ts'

/** The log has seen enough then. */
const MAX_DETAILS = 20

/** Why a state did not load; undefined where it did. */
export function describeFailure(loaded: LoadedState): SourceFailure | undefined {
  if (loaded.state !== undefined) return undefined
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return describeDiagnostics(errors, loaded.sources)
  return describeDataProblems(loaded.dataProblems)
}

function describeDiagnostics(errors: readonly Diagnostic[], sources: readonly SourceFile[]): SourceFailure {
  const details = errors.slice(0, MAX_DETAILS).map(({ code, message, span, hint }) => {
    const { file, line, column } = locate(span, sources)
    return { place: `${file}:${line}:${column}`, code, message, ...(hint !== undefined && { hint }) }
  })
  const [first] = details
  const summary = `the policies have ${count(errors.length)}, the first at ${first?.place} (${first?.code})`
  return { what: 'policy', summary, details }
}

function describeDataProblems(problems: readonly DataProblem[]): SourceFailure {
  return {
    what: 'data',
    summary: `the entity data has ${count(problems.length)}`,
    details: problems.slice(0, MAX_DETAILS),
  }
}

function count(errors: number): string {
  return errors === 1 ? 'an error' : `${errors} errors`
}
