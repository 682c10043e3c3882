// One case before both evaluators: the engine through its public functions, the second one over the syntax trees.
import {
  type Answer,
  type EntityStore,
  type Explanation,
  loadEntityData,
  loadPolicySet,
  type PolicySet,
} from '@edict/policy-lang'
import type { PolicyFile } from '../../packages/policy-lang/src/ast/nodes.ts'
import { parsePolicyFile } from '../../packages/policy-lang/src/syntax/parse.ts'
import { type PolicyCase, type PolicyQuestion, writePolicy } from './arbitraries/policy-case.ts'
import type { FullDecision, Result } from './naive/decide.ts'
import { decideNaively, judgeNaively } from './naive-evaluator.ts'

/** A case that both can answer. */
export interface LoadedCase {
  readonly files: readonly PolicyFile[]
  readonly policySet: PolicySet
  readonly store: EntityStore
}

type Halves<T> = readonly [readonly T[], readonly T[]]

/** Two lists in the opposite order: order and place never matter. */
function turnRound<T>(list: readonly T[]): Halves<T> {
  const middle = Math.floor(list.length / 2)
  return [list.slice(middle).reverse(), list.slice(0, middle).reverse()]
}

function loadPolicies(policyCase: PolicyCase): PolicySet {
  const sources = turnRound(policyCase.declarations).map((declarations, index) => ({
    name: `generated-${index}.edict`,
    text: `${declarations.join('\n')}\n`,
  }))
  const { policySet, diagnostics } = loadPolicySet(sources)
  if (policySet !== undefined) return policySet
  const lines = diagnostics
    .filter((each) => each.severity === 'error')
    .map(({ code, message, span }) => {
      const text = sources.find((source) => source.name === span.file)?.text
      return `${code}: ${message} at «${text?.slice(span.start, span.end)}»`
    })
  throw new Error(`policies refused: ${lines.join('\n')}`)
}

function loadData({ data, unavailable }: PolicyCase, policySet: PolicySet): EntityStore {
  const entities = turnRound(data.entities ?? [])
  const assignments = turnRound(data.assignments ?? [])
  const { store, problems } = loadEntityData(policySet.program, [
    { name: 'first.json', data: { entities: entities[0], assignments: assignments[1] } },
    { name: 'second.json', data: { entities: entities[1], assignments: assignments[0] } },
  ])
  if (store === undefined) throw new Error(`data refused: ${JSON.stringify(problems)}`)
  return {
    entity: (ref) =>
      unavailable.some(({ type, id }) => type === ref.type && id === ref.id)
        ? 'unavailable'
        : store.entity(ref),
    assignmentsTo: (target) => store.assignmentsTo(target),
    assignmentsOn: (scope) => store.assignmentsOn(scope),
    entitiesOf: (type, after, limit) => store.entitiesOf(type, after, limit),
    rolesToHolders: store.rolesToHolders ?? [],
    version: store.version,
  }
}

/** Loads a case; throws where parser, checker or data loader refuse it, since every case is sound. */
export function loadCase(policyCase: PolicyCase): LoadedCase {
  const { file, diagnostics } = parsePolicyFile({ name: 'generated.edict', text: writePolicy(policyCase) })
  if (file === undefined)
    throw new Error(`text refused: ${diagnostics.map((each) => each.message).join('\n')}`)
  const policySet = loadPolicies(policyCase)
  return { files: [file], policySet, store: loadData(policyCase, policySet) }
}

export interface AskOptions {
  readonly detail: 'brief' | 'full'
  readonly footprint?: boolean
}

export function askEngine(
  { policySet, store }: LoadedCase,
  { request, now }: PolicyQuestion,
  options: AskOptions,
): Answer {
  const clock = now === undefined ? {} : { now: () => now }
  return policySet.decide(request, { entities: store, ...options, ...clock })
}

export function explainEngine(
  { policySet, store }: LoadedCase,
  { request, now }: PolicyQuestion,
): Explanation {
  const clock = now === undefined ? {} : { now: () => now }
  return policySet.explain(request, { entities: store, footprint: true, trace: true, ...clock })
}

/** The parts of an answer by which engines are compared. */
export function toFullDecision(answer: Answer): FullDecision {
  const { decision, reasons, obligations, advice } = answer
  return {
    decision,
    reasons,
    obligations,
    advice,
    errors: answer.errors.map(({ rule, kind }) => ({ rule, kind })),
  }
}

export function askNaively(
  { files }: Pick<LoadedCase, 'files'>,
  { data, unavailable }: PolicyCase,
  { request, now }: PolicyQuestion,
): FullDecision {
  return decideNaively({ files, data, request, unavailable, ...(now === undefined ? {} : { now }) })
}

/** What every rule comes to on its own. */
export function judgeRules(
  { files }: LoadedCase,
  { data, unavailable }: PolicyCase,
  { request, now }: PolicyQuestion,
): readonly Result[] {
  return judgeNaively({ files, data, request, unavailable, ...(now === undefined ? {} : { now }) })
}
