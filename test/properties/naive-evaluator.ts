// A second evaluator of the language, written apart from the engine and as plainly as it can be.
// In: syntax trees, entity data, a request, the time. Out: the decision in its full form, by which engines are compared.
// It must never share code with the engine, skip work, or care about speed: where both agree, both are right.
import type { PolicyFile } from '../../packages/policy-lang/src/ast/nodes.ts'
import type { EntityData } from '../../packages/policy-lang/src/model/entity-data.ts'
import type { DecisionRequest, JsonEntityRef } from '../../packages/policy-lang/src/model/request.ts'
import { decideInWorld, type FullDecision, judgeInWorld, type Result } from './naive/decide.ts'
import { readSchema } from './naive/schema.ts'

/** The question of one decision, with all it depends on. */
export interface Question {
  readonly files: readonly PolicyFile[]
  readonly data: EntityData
  readonly request: DecisionRequest
  /** Milliseconds since 1970; left out: there is no clock. */
  readonly now?: number
  /** Entities of which the store cannot say whether it holds them. */
  readonly unavailable?: readonly JsonEntityRef[]
}

/** Decides by the letter of the language. The policy set and the data must be sound: nothing is checked here. */
export function decideNaively({ files, data, request, now, unavailable = [] }: Question): FullDecision {
  return decideInWorld({ schema: readSchema(files), data, request, now, unavailable }, files)
}

/** What every rule for the question comes to on its own; none where type or action are unknown. */
export function judgeNaively({ files, data, request, now, unavailable = [] }: Question): readonly Result[] {
  const results = judgeInWorld({ schema: readSchema(files), data, request, now, unavailable }, files)
  return typeof results === 'string' ? [] : results
}
