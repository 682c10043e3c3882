import type { DecisionRequest, JsonEntityRef, SearchOptions, SearchPage } from '@edict/policy-lang'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PolicyCase, type PolicyQuestion, policyCases } from './arbitraries/policy-case.ts'
import { type LoadedCase, loadCase } from './compare.ts'
import { readRunOptions } from './run-options.ts'

const options = readRunOptions(25)

/** One search, and what it must find. */
interface Searched {
  readonly found: (part: SearchOptions) => SearchPage<object>
  readonly expected: readonly object[]
}

/** By code point, in the plainest way there is. */
function compareNames(one: string, other: string): number {
  const [a, b] = [Array.from(one), Array.from(other)].map((text) =>
    text.map((point) => point.codePointAt(0) ?? 0),
  )
  for (const [index, point] of (a ?? []).entries()) {
    const against = b?.[index]
    if (against === undefined) return 1
    if (point !== against) return point - against
  }
  return (a?.length ?? 0) - (b?.length ?? 0)
}

const isSame = (one: JsonEntityRef, other: JsonEntityRef): boolean =>
  one.type === other.type && one.id === other.id

/** Whether the store, the request, or its type says all there is to know of it. `given`: the sides not looked for. */
function isKnown(
  { policySet }: LoadedCase,
  { data, unavailable }: PolicyCase,
  request: DecisionRequest,
  side: 'subject' | 'resource',
  given: readonly ('subject' | 'resource')[],
): boolean {
  const entity = request[side]
  const schema = policySet.program.schema.entityTypes.find(({ name }) => name === entity.type)
  if (schema === undefined) return false
  const isDescribed = given.some((each) => request[each].properties != null && isSame(request[each], entity))
  if (isDescribed || (schema.attributes.length === 0 && schema.parents.length === 0)) return true
  if (unavailable.some((one) => isSame(one, entity))) return false
  return [...(data.entities ?? []), ...(request.entities ?? [])].some((one) => isSame(one, entity))
}

/** Decides each candidate by itself, by the reference evaluator. */
function searchAll(
  loaded: LoadedCase,
  policyCase: PolicyCase,
  { request, now }: PolicyQuestion,
): readonly Searched[] {
  const { policySet, store } = loaded
  const base = { entities: store, ...(now !== undefined && { now: () => now }) }
  const { subject, action, resource, ...around } = request
  const pick = <T extends object>(candidate: T, asked: DecisionRequest): readonly T[] => {
    const { decision, obligations, advice } = policySet.decide(asked, { ...base, detail: 'full' })
    if (decision === 'deny') return []
    return [
      { ...candidate, ...(obligations.length > 0 && { obligations }), ...(advice.length > 0 && { advice }) },
    ]
  }
  const idsOf = (type: string): readonly string[] => {
    const stored = (policyCase.data.entities ?? []).filter((one) => one.type === type)
    return [...new Set(stored.map(({ id }) => id))].sort(compareNames)
  }
  const knows = (...sides: ('subject' | 'resource')[]): boolean =>
    sides.every((side) => isKnown(loaded, policyCase, request, side, sides))
  const schema = policySet.program.schema.entityTypes.find(({ name }) => name === resource.type)
  const names = (schema?.actions ?? []).map(({ name }) => name).sort(compareNames)
  return [
    {
      // What is said of the side that is looked for must not matter.
      found: (part) => policySet.searchSubjects(request, { ...base, ...part }),
      expected: !knows('resource')
        ? []
        : idsOf(subject.type).flatMap((id) => {
            const one = { type: subject.type, id }
            return pick(one, { ...request, subject: one })
          }),
    },
    {
      found: (part) => policySet.searchResources(request, { ...base, ...part }),
      expected: !knows('subject')
        ? []
        : idsOf(resource.type).flatMap((id) => {
            const one = { type: resource.type, id }
            return pick(one, { ...request, resource: one })
          }),
    },
    {
      found: (part) => policySet.searchActions({ subject, resource, ...around }, { ...base, ...part }),
      expected: !knows('subject', 'resource')
        ? []
        : names.flatMap((name) => pick({ name }, { ...request, action: { name } })),
    },
  ]
}

/** All pages, one after the other. */
function readPages(found: Searched['found'], part: SearchOptions): readonly object[] {
  const results: object[] = []
  let after: string | undefined
  for (;;) {
    const page = found({ ...part, ...(after !== undefined && { after }) })
    if (part.limit !== undefined) expect(page.results.length).toBeLessThanOrEqual(part.limit)
    results.push(...page.results)
    if (page.next === undefined) return results
    after = page.next
  }
}

const parts: fc.Arbitrary<SearchOptions> = fc.record(
  { limit: fc.integer({ min: 1, max: 4 }), maxSteps: fc.integer({ min: 1, max: 60 }) },
  { requiredKeys: [] },
)

describe('a search', () => {
  let searches = 0
  let results = 0

  it('finds what the reference allows, and nothing else, in pages of any size', {
    timeout: options.numRuns * 3_000,
  }, () => {
    fc.assert(
      fc.property(policyCases, parts, (policyCase, part) => {
        const loaded = loadCase(policyCase)
        for (const question of policyCase.questions) {
          for (const { found, expected } of searchAll(loaded, policyCase, question)) {
            searches += 1
            results += expected.length
            const { results: whole, next } = found({})
            expect([whole, next]).toEqual([expected, undefined])
            expect(readPages(found, part)).toEqual(expected)
          }
        }
      }),
      options,
    )
  })

  it('has found something in a fair share', () => {
    process.stdout.write(`search: ${searches} searches, ${results} results\n`)
    expect(results).toBeGreaterThan(searches / 4)
  })
})
