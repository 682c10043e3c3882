// For tests: policy text → Program.
import type { PolicyFile } from '../ast/nodes.ts'
import { checkPolicySet } from '../check/check-policy-set.ts'
import type { CheckedPolicySet } from '../check/checked.ts'
import { compileProgram } from '../compile/compile-program.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import type { Program, ProgramRule } from '../program/program.ts'
import { ruleAt, ruleCount } from '../program/rule-access.ts'
import { parsePolicyFile } from '../syntax/parse.ts'

/** Parses and checks sources that must have no errors. */
function checkSources(sources: readonly SourceFile[]): CheckedPolicySet {
  const parsed = sources.map(parsePolicyFile)
  const files = parsed.flatMap(({ file }): readonly PolicyFile[] => (file === undefined ? [] : [file]))
  const { checked, diagnostics } = checkPolicySet(files)
  const all = [...parsed.flatMap((one) => one.diagnostics), ...diagnostics]
  const errors = all.filter(({ severity }) => severity === 'error').map(({ message }) => message)
  if (checked === undefined || errors.length > 0) throw new Error(errors.join('\n'))
  return checked
}

export function compileSources(sources: readonly SourceFile[]): Program {
  return compileProgram(checkSources(sources), sources)
}

/** All rules of a Program, by id in code-point order. */
export function allRules(program: Program): readonly ProgramRule[] {
  return Array.from({ length: ruleCount(program) }, (_, index) => ruleAt(program, index))
}

export function compileText(text: string): Program {
  return compileSources([{ name: 'p.edict', text }])
}
