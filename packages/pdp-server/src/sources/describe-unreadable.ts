import type { SourceFailure } from './policy-source.ts'

/** Readiness is open to anybody: where the folders are is for the log. */
export function describeUnreadable(message: string): SourceFailure {
  const summary = 'a folder or file of policies or data cannot be read'
  return { what: 'policy', summary, details: [{ message }] }
}
