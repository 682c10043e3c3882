import { createPolicySet, type PolicySet } from './policy-set.ts'
import { parseProgram } from './program/parse-program.ts'

/**
 * Makes a policy set of a serialised Program, without the parser.
 *
 * @param input the text that `serializeProgram` wrote, or what `JSON.parse` made of it
 * @throws PolicyLangError `invalid-program`, with the JSON path of the fault in `problems`
 * @example
 * ```ts
 * import { loadPolicySet, serializeProgram } from '@edict/policy-lang'
 * import { loadProgram } from '@edict/policy-lang/program'
 *
 * const text = 'subject Person  resource Note { actions read }  rule open: allow read on Note'
 * const { policySet } = loadPolicySet([{ name: 'notes.edict', text }])
 * const stored = policySet ? serializeProgram(policySet.program) : ''
 *
 * const answer = loadProgram(stored).decide({
 *   subject: { type: 'Person', id: 'mia' },
 *   action: { name: 'read' },
 *   resource: { type: 'Note', id: 'n1' },
 * })
 * answer.decision // => 'allow'
 * answer.policyVersion === policySet?.version // => true
 * ```
 */
export function loadProgram(input: unknown): PolicySet {
  return createPolicySet(parseProgram(input))
}
