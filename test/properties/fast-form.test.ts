import type { Answer, DecideOptions, DecisionRequest, EntityStore, Program } from '@edict/policy-lang'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFastDecider, type FastDecider } from '../../packages/policy-lang/src/emit/fast-decider.ts'
import { judgePrepared, toAnswer } from '../../packages/policy-lang/src/evaluate/decide.ts'
import { type LinkedProgram, linkProgram } from '../../packages/policy-lang/src/evaluate/link.ts'
import { prepareDecision } from '../../packages/policy-lang/src/evaluate/prepare.ts'
import { cellRules, ruleAt } from '../../packages/policy-lang/src/program/rule-access.ts'
import { policyCases } from './arbitraries/policy-case.ts'
import { loadCase } from './compare.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(45)

function checkAgainstReference(fast: Answer, reference: Answer): void {
  const { decision, obligations, advice } = fast
  expect({ decision, obligations, advice }).toEqual({
    decision: reference.decision,
    obligations: reference.obligations,
    advice: reference.advice,
  })
  expect(reference.reasons).toContainEqual(fast.reasons[0])
  expect(fast.ignored).toEqual(reference.ignored)
}

/** Without what the fast form leaves to the reference at once. */
function toOrdinary(
  { subject, action, resource, context }: DecisionRequest,
  program: Program,
): DecisionRequest {
  const strip = ({ type, id, properties }: DecisionRequest['subject']) => {
    const schema = program.schema.entityTypes.find(({ name }) => name === type)
    const declared = schema?.attributes.filter(({ isStored }) => !isStored).map(({ name }) => name) ?? []
    const kept = Object.entries(properties ?? {}).filter(([name]) => declared.includes(name))
    return { type, id, ...(properties !== undefined && { properties: Object.fromEntries(kept) }) }
  }
  return { subject: strip(subject), action, resource: strip(resource), ...(context && { context }) }
}

describe('the fast form', () => {
  let decided = 0
  let left = 0

  function check(fast: Answer | undefined, reference: Answer): void {
    if (fast === undefined) left += 1
    else {
      decided += 1
      checkAgainstReference(fast, reference)
    }
  }

  it('decides as the reference does, or leaves the request to it', {
    timeout: options.numRuns * 3_000,
  }, () => {
    fc.assert(
      fc.property(policyCases, (policyCase) => {
        const { policySet, store } = loadCase(policyCase)
        const linked = linkProgram(policySet.program)
        const asked = policyCase.questions.flatMap(({ request, now }) =>
          [request, toOrdinary(request, policySet.program)].map((one) => ({ request: one, now })),
        )
        const deciders = [
          createFastDecider(linked),
          createFastDecider(linked, { maxWritten: 0 }),
          ...[1, 2, Number.POSITIVE_INFINITY].map((steps) => createPrepared(linked, asked, store, steps)),
        ]
        for (const { request, now } of asked) {
          const base: DecideOptions = { entities: store, ...(now !== undefined && { now: () => now }) }
          const reference = policySet.decide(request, { ...base, detail: 'full' })
          for (const { decide } of deciders) check(decide(request, base), reference)
        }
        checkEachRule(linked, asked, store)
      }),
      options,
    )
  })

  /** One that was made ready, as far as so many steps get. */
  function createPrepared(
    linked: LinkedProgram,
    asked: readonly { readonly request: DecisionRequest }[],
    store: EntityStore,
    steps: number,
  ): FastDecider {
    const decider = createFastDecider(linked, { maxWritten: steps })
    const kinds = asked.map(({ request: { resource, action, subject } }) => ({
      resourceType: resource.type,
      action: action.name,
      subjectType: subject.type,
      isByRole: true,
      age: 0,
    }))
    let taken = 0
    for (const _ of decider.prepare(kinds, store)) {
      taken += 1
      if (taken === steps) break
    }
    return decider
  }

  /** Each rule alone, so that none hides another. */
  function checkEachRule(
    linked: LinkedProgram,
    asked: readonly { readonly request: DecisionRequest; readonly now: number | undefined }[],
    store: EntityStore,
  ): void {
    const deciders = new Map<number, FastDecider>()
    for (const { request, now } of asked) {
      const base: DecideOptions = { entities: store, ...(now !== undefined && { now: () => now }) }
      const action = linked.types.get(request.resource.type)?.actions.get(request.action.name)
      for (const index of action === undefined ? [] : Array.from(cellRules(linked.program, action.cell))) {
        const decider =
          deciders.get(index) ??
          createFastDecider(linked, { select: () => [index], maxWritten: index % 2 === 0 ? 24 : 0 })
        deciders.set(index, decider)
        const rule = ruleAt(linked.program, index)
        const full: DecideOptions = { ...base, detail: 'full' }
        const prepared = prepareDecision(linked, request, full)
        const alone = prepared.kind === 'rules' ? { ...prepared, rules: [rule] } : prepared
        check(decider.decide(request, base), toAnswer(linked.program, alone, judgePrepared(alone), full))
      }
    }
  }

  it('decides a fair share by itself', () => {
    process.stdout.write(`fast form: ${decided} decided, ${left} left to the reference\n`)
    expect(decided).toBeGreaterThan((decided + left) / 6)
  })
})
