// One case before both evaluators: the engine through its public functions, the second one over the syntax trees.
import { loadEntityData, loadPolicySet, type PolicySet } from '@edict/policy-lang'
import type { PolicyFile } from '../../packages/policy-lang/src/ast/nodes.ts'
import { parsePolicyFile } from '../../packages/policy-lang/src/syntax/parse.ts'
import { type PolicyCase, type PolicyQuestion, writePolicy } from './arbitraries/policy-case.ts'
import type { FullDecision } from './naive/decide.ts'
import { decideNaively } from './naive-evaluator.ts'

export type EntityView = NonNullable<ReturnType<typeof loadEntityData>['store']>

/** A case that both can answer. */
export interface LoadedCase {
  readonly files: readonly PolicyFile[]
  readonly policySet: PolicySet
  readonly store: EntityView
}

/** Loads a case; throws where parser, checker or data loader refuse it, since every case is sound. */
export function loadCase(policyCase: PolicyCase): LoadedCase {
  const source = { name: 'generated.edict', text: writePolicy(policyCase) }
  const { file } = parsePolicyFile(source)
  const { policySet, diagnostics } = loadPolicySet([source])
  if (file === undefined || policySet === undefined) {
    const errors = diagnostics.filter((each) => each.severity === 'error')
    const lines = errors.map(
      ({ code, message, span, hint }) =>
        `${code}: ${message} (${hint ?? ''}) at «${source.text.slice(span.start, span.end)}»`,
    )
    throw new Error(`refused: ${lines.join('\n')}`)
  }
  const { store, problems } = loadEntityData(policySet.program, [
    { name: 'data.json', data: policyCase.data },
  ])
  if (store === undefined) throw new Error(`data refused: ${JSON.stringify(problems)}`)
  return { files: [file], policySet, store }
}

export function askEngine({ policySet, store }: LoadedCase, { request, now }: PolicyQuestion): FullDecision {
  const clock = now === undefined ? {} : { now: () => now }
  const answer = policySet.decide(request, { entities: store, detail: 'full', ...clock })
  return {
    decision: answer.decision,
    reasons: answer.reasons,
    obligations: answer.obligations,
    advice: answer.advice,
    errors: answer.errors.map(({ rule, kind }) => ({ rule, kind })),
  }
}

export function askNaively(
  { files }: LoadedCase,
  { data }: PolicyCase,
  { request, now }: PolicyQuestion,
): FullDecision {
  return decideNaively({ files, data, request, ...(now === undefined ? {} : { now }) })
}
