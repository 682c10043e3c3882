import type { PolicyFile } from '../ast/nodes.ts'
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { checkPolicySet } from './check-policy-set.ts'

/**
 * Checks what could be read of a set that has broken declarations, and keeps what is wrong whatever those say.
 * What they would declare looks unknown, unused or impossible here: of such findings none is kept, and no warning.
 */
export function checkIntact(files: readonly PolicyFile[]): readonly Diagnostic[] {
  const { diagnostics } = checkPolicySet(files)
  // A `fn` that is not there may be the guard of an optional value.
  const isGuardLost = diagnostics.some(({ code }) => code === 'unknown-name')
  return diagnostics.filter(
    ({ code }) => OWN_FINDINGS.has(code) || (code === 'unguarded-optional' && !isGuardLost),
  )
}

/** Findings about one declaration, or about several that are all there. */
const OWN_FINDINGS: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'duplicate-declaration',
  'reserved-name',
  'declaration-in-test-file',
  'mixed-union',
  'type-cycle',
  'recursive-value',
  'nested-quantifier',
  'root-not-allowed',
  'root-as-value',
  'type-mismatch',
  'in-on-strings',
  'unquoted-key',
  'bad-literal',
  'bad-pattern',
  'duty-mismatch',
  'role-cycle',
  'incomplete-test',
])
