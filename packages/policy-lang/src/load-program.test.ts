import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { loadEntityData } from './entities/load-entity-data.ts'
import { loadPolicySet } from './load-policy-set.ts'
import { loadProgram } from './load-program.ts'
import { PolicyLangError } from './model/errors.ts'
import type { PolicySet } from './policy-set.ts'
import { serializeProgram } from './program/serialize.ts'
import { anyEntityData, anyPolicySet, anyRequest, toSources } from './testing/arbitraries.ts'

/** Every array and object of a document, the document first. */
function nodesOf(document: unknown): readonly Record<string, unknown>[] {
  const nodes = [document]
  for (const node of nodes) {
    for (const child of Object.values(node as object))
      if (typeof child === 'object' && child !== null) nodes.push(child)
  }
  return nodes as Record<string, unknown>[]
}

interface Edit {
  readonly kind: 'exchange' | 'value' | 'drop' | 'rename'
  readonly node: number
  readonly member: number
  readonly from: number
  readonly value: unknown
}

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('exchange', 'exchange', 'exchange', 'value', 'drop', 'rename'),
  node: fc.nat(),
  member: fc.nat(),
  from: fc.nat(),
  value: fc.constantFrom<unknown>(null, true, 0, -1, 1.5, '', 'subject', '__proto__', '[', [], {}, [0, 1, 1]),
})

/** Changes one member, or puts one part of a condition in the place of another: that has the right shape. */
function applyEdit(document: unknown, { kind, node, member, from, value }: Edit): void {
  const nodes = nodesOf(document)
  const codes = nodes.filter((candidate) => Object.hasOwn(candidate, 'op'))
  if (kind === 'exchange' && codes.length > 0) {
    const target = codes[node % codes.length] ?? {}
    const source = structuredClone(codes[from % codes.length] ?? {})
    for (const name of Object.keys(target)) delete target[name]
    Object.assign(target, source)
    return
  }
  const target = nodes[node % nodes.length] ?? {}
  const names = Object.keys(target)
  const name = names[member % names.length]
  if (name === undefined) return
  if (kind === 'drop') delete target[name]
  else if (kind === 'rename') target[`${name}x`] = target[name]
  else target[name] = structuredClone(value)
}

function load(document: unknown): PolicySet | undefined {
  try {
    return loadProgram(document)
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyLangError)
    expect((error as PolicyLangError).code).toBe('invalid-program')
    return undefined
  }
}

describe('loadProgram', () => {
  test.prop(
    [anyPolicySet(), fc.array(anyEdit, { minLength: 1, maxLength: 3 }), anyEntityData(), anyRequest()],
    {
      numRuns: 150,
    },
  )(
    'refuses a program that was tampered with, or answers from it without crashing',
    (generated, edits, data, request) => {
      const { policySet } = loadPolicySet(toSources(generated))
      if (policySet === undefined) throw new Error('no policy set')
      const document: unknown = JSON.parse(serializeProgram(policySet.program))
      for (const edit of edits) applyEdit(document, edit)
      const tampered = load(document)
      if (tampered === undefined) return
      const { store } = loadEntityData(tampered.program, [{ name: 'data.json', data }])
      const options = { now: () => 0, stepBudget: 100_000, ...(store && { entities: store }) }
      expect(['allow', 'deny']).toContain(tampered.decide(request, options).decision)
    },
  )
})
