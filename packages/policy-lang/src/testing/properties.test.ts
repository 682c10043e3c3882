import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { loadEntityData } from '../entities/load-entity-data.ts'
import { loadPolicySet } from '../load-policy-set.ts'
import { loadProgram } from '../load-program.ts'
import type { Answer } from '../model/answer.ts'
import type { EntityData } from '../model/entity-data.ts'
import type { DecisionRequest } from '../model/request.ts'
import type { PolicySet } from '../policy-set.ts'
import { serializeProgram } from '../program/serialize.ts'
import { anyEntityData, anyPolicySet, anyRequest, type GeneratedPolicySet, toSources } from './arbitraries.ts'
import { allRules } from './compile-text.ts'

const NOON = Date.UTC(2026, 4, 4, 12)

function load(generated: GeneratedPolicySet, fileCount?: number): PolicySet {
  const { policySet, diagnostics } = loadPolicySet(toSources(generated, fileCount))
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  expect(errors.map(({ message }) => message)).toEqual([])
  if (policySet === undefined) throw new Error('no policy set')
  return policySet
}

function decide(policySet: PolicySet, data: EntityData, request: DecisionRequest): Answer {
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'data.json', data }])
  expect(problems).toEqual([])
  return policySet.decide(request, { ...(store && { entities: store }), now: () => NOON, detail: 'full' })
}

/** All of an answer by which engines are compared: causes and places of errors only explain. */
function toComparable({ errors, ...rest }: Answer): unknown {
  return { ...rest, errors: errors.map(({ rule, kind }) => ({ rule, kind })) }
}

describe('a generated policy set', () => {
  test.prop([anyPolicySet()], { numRuns: 60 })('loads without errors', (generated) => {
    load(generated)
  })

  test.prop([anyPolicySet(), anyEntityData(), fc.array(anyRequest(), { minLength: 1, maxLength: 5 })])(
    'answers the same from its serialised Program',
    (generated, data, requests) => {
      const policySet = load(generated)
      const stored = loadProgram(serializeProgram(policySet.program))
      expect(serializeProgram(stored.program)).toBe(serializeProgram(policySet.program))
      for (const request of requests)
        expect(decide(stored, data, request)).toEqual(decide(policySet, data, request))
    },
  )

  const shuffled = anyPolicySet().chain((generated) =>
    fc.record({
      generated: fc.constant(generated),
      declarations: fc.shuffledSubarray([...generated.declarations], {
        minLength: generated.declarations.length,
      }),
      fileCount: fc.integer({ min: 1, max: 4 }),
    }),
  )
  test.prop([shuffled, anyEntityData(), fc.array(anyRequest(), { minLength: 1, maxLength: 5 })])(
    'answers the same, under the same version, for any order of declarations and files',
    ({ generated, declarations, fileCount }, data, requests) => {
      const first = load(generated)
      const second = load({ declarations }, fileCount)
      expect(second.version).toBe(first.version)
      for (const request of requests) {
        expect(toComparable(decide(second, data, request))).toEqual(
          toComparable(decide(first, data, request)),
        )
      }
    },
  )

  test.prop([anyPolicySet(), anyEntityData(), anyRequest()], { numRuns: 100 })(
    'allows only where an allow rule matches and no deny rule does',
    (generated, data, request) => {
      const policySet = load(generated)
      const effects = new Map(allRules(policySet.program).map((rule) => [rule.id, rule]))
      const { decision, reasons } = decide(policySet, data, request)
      for (const reason of reasons) {
        if ('builtin' in reason) expect(decision).toBe('deny')
        else if (effects.get(reason.rule)?.isAfter === false)
          expect(effects.get(reason.rule)?.effect).toBe(decision)
        else expect(decision).toBe('deny')
      }
      expect(reasons.length).toBeGreaterThan(0)
    },
  )

  test.prop([anyPolicySet(), anyEntityData(), anyRequest()], { numRuns: 100 })(
    'denies whatever an unconditional deny is added for',
    (generated, data, request) => {
      const denied = load({ declarations: [...generated.declarations, 'rule never: deny * on *'] })
      const { decision, reasons } = decide(denied, data, request)
      expect(decision).toBe('deny')
      const isDeclared = reasons.every((reason) => !('builtin' in reason))
      if (isDeclared) expect(reasons).toContainEqual({ rule: 'never' })
    },
  )
})
