import type * as client from '@edict/pdp-client'
import type * as engine from '@edict/policy-lang'
import { describe, expect, it } from 'vitest'

/** True only where neither type is wider than the other, in any member. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only where both types are the same. */
function checkSame<A, B>(isSame: IsSame<A, B>): boolean {
  return isSame
}

// The client is published without a dependency, so it writes the types of the wire out again.
describe('the types of the client', () => {
  it('are those of the engine', () => {
    const same = [
      checkSame<client.JsonValue, engine.JsonValue>(true),
      checkSame<client.DecisionRequest, engine.DecisionRequest>(true),
      checkSame<client.RequestSubject, engine.RequestSubject>(true),
      checkSame<client.RequestEntity, engine.RequestEntity>(true),
      checkSame<client.RequestAction, engine.RequestAction>(true),
      checkSame<client.RequestRole, engine.RequestRole>(true),
      checkSame<client.Answer, engine.Answer>(true),
      checkSame<client.AnswerDuty, engine.AnswerDuty>(true),
      checkSame<client.Reason, engine.Reason>(true),
      checkSame<client.EvaluationError, engine.EvaluationError>(true),
      checkSame<client.IgnoredInput, engine.IgnoredInput>(true),
      checkSame<client.Cacheable, engine.Cacheable>(true),
      checkSame<client.Footprint, engine.Footprint>(true),
      checkSame<client.Location, engine.Location>(true),
      checkSame<client.FoundEntity, engine.FoundEntity>(true),
      checkSame<client.FoundAction, engine.FoundAction>(true),
      checkSame<client.EntityRecord, engine.EntityRecord>(true),
      checkSame<client.AssignmentRecord, engine.AssignmentRecord>(true),
      checkSame<client.TargetRecord, engine.TargetRecord>(true),
      checkSame<client.ScopeRecord, engine.ScopeRecord>(true),
    ]
    expect(same.every(Boolean)).toBe(true)
  })

  it('would not be taken for others', () => {
    // @ts-expect-error a member less is another type
    checkSame<client.Answer, Omit<engine.Answer, 'advice'>>(true)
    // @ts-expect-error an optional member is another type
    checkSame<client.RequestAction, Required<engine.RequestAction>>(true)
    expect(true).toBe(true)
  })
})
