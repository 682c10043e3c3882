// A whole case: a policy set that checks, entity data that loads, and questions about both.
import type * as fc from 'fast-check'
import type { EntityData } from '../../../packages/policy-lang/src/model/entity-data.ts'
import type { DecisionRequest, JsonEntityRef } from '../../../packages/policy-lang/src/model/request.ts'
import { type Choices, fromChoices } from './choices.ts'
import { makeData, makeNow, makeReference, makeRequest } from './data.ts'
import { makeFns, writeAssignment, writeRoles, writeRules } from './declarations.ts'
import { makeModel, writeModel } from './schema.ts'
import { PLAIN, type Vocabulary } from './vocabulary.ts'

export interface PolicyCase {
  /** Texts of declarations, in order. */
  readonly declarations: readonly string[]
  readonly data: EntityData
  /** Entities of which the store cannot say whether it holds them. */
  readonly unavailable: readonly JsonEntityRef[]
  readonly questions: readonly PolicyQuestion[]
}

export interface PolicyQuestion {
  readonly request: DecisionRequest
  /** Milliseconds since 1970. */
  readonly now: number | undefined
}

const QUESTIONS = 6

function makePolicyCase(choices: Choices): PolicyCase {
  const model = makeModel(choices)
  const { texts, fns } = makeFns(model, choices)
  const assignments = choices.list(0, 4, () => writeAssignment(model, choices, fns))
  return {
    declarations: [
      ...writeModel(model),
      ...texts,
      ...writeRoles(model, choices, fns),
      ...assignments,
      ...writeRules(model, choices, fns),
    ],
    data: makeData(model, choices),
    unavailable: choices.fault(25) ? choices.list(1, 3, () => makeReference(model, choices)) : [],
    questions: Array.from({ length: QUESTIONS }, () => ({
      request: makeRequest(model, choices),
      now: makeNow(choices),
    })),
  }
}

/** Policy sets with data and questions, well typed by construction. */
export const policyCases: fc.Arbitrary<PolicyCase> = fromChoices(makePolicyCase)

/** The same, with nothing missing, unknown, ill-typed or out of range in data and questions. */
export const faultlessCases: fc.Arbitrary<PolicyCase> = fromChoices(makePolicyCase, true)

/** A case and the same under other names. No condition of it reads a name as text. */
export const namesakes = (words: Vocabulary['word']): fc.Arbitrary<readonly [PolicyCase, PolicyCase]> =>
  fromChoices((choices) =>
    choices.twice(makePolicyCase, { ...PLAIN, hidesNames: true }, { word: words, hidesNames: true }),
  )

export const writePolicy = (policyCase: PolicyCase): string => `${policyCase.declarations.join('\n')}\n`
