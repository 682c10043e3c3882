// Entity data and questions of any JSON, and of values that are none: refused with the words for it, or taken, and
// then strict and lax, brief and explained say the same, in whatever order the rows come.
import {
  type DecisionRequest,
  type EntityStore,
  loadEntityData,
  loadPolicySet,
  PolicyLangError,
  type PolicySet,
} from '@edict/policy-lang'
import { type NamedData, readPolicySets } from '../corpus.ts'
import { HOSTILE_JSON } from '../hostile.ts'
import { mutateJson, shrinkJson } from '../mutate-json.ts'
import { type KnownIds, makeQuestion } from '../questions.ts'
import type { Random } from '../random.ts'
import { defineTarget, type Target, type Verdict } from '../target.ts'

interface LoadedSet {
  readonly policySet: PolicySet
  readonly data: readonly NamedData[]
  readonly store: EntityStore | undefined
  readonly ids: KnownIds
}

interface DataInput {
  readonly set: LoadedSet
  /** Changed data; left out where the question is changed instead. */
  readonly data?: readonly NamedData[]
  readonly question: DecisionRequest
}

/** JavaScript can hand over what no JSON text says. */
const NO_JSON: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  7n,
  new Date(0),
  new Map(),
]

export function createDataTarget(): Target {
  const sets = readPolicySets().map(loadSet)
  return defineTarget<DataInput>({
    name: 'decode-data',
    make: (random) => makeInput(random.pick(sets), random),
    check: checkData,
    *shrink(input) {
      for (const question of shrinkJson(input.question))
        yield { ...input, question: question as DecisionRequest }
      if (input.data === undefined) return
      const { data: files, ...rest } = input
      for (const data of shrinkJson(files)) yield { ...rest, data: data as readonly NamedData[] }
    },
    print: ({ set, data, question }) =>
      JSON.stringify(
        { policies: set.policySet.program.sources, data, question },
        (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
        2,
      ),
  })
}

function loadSet({ sources, data }: ReturnType<typeof readPolicySets>[number]): LoadedSet {
  const { policySet } = loadPolicySet(sources)
  if (policySet === undefined) throw new Error(`${sources[0]?.name} does not load`)
  const { store } = loadEntityData(policySet.program, data)
  return { policySet, data, store, ids: collectIds(data) }
}

function collectIds(data: readonly NamedData[]): KnownIds {
  const ids = new Map<string, string[]>()
  for (const { data: file } of data) {
    const { entities = [] } = file as { entities?: readonly { type: string; id: string }[] }
    for (const { type, id } of entities) ids.set(type, [...(ids.get(type) ?? []), id])
  }
  return ids
}

function makeInput(set: LoadedSet, random: Random): DataInput {
  const question = makeQuestion(set.policySet.program, random, set.ids)
  const values = random.oneIn(8) ? NO_JSON : HOSTILE_JSON
  if (set.data.length === 0 || random.oneIn(2)) {
    return { set, question: mutateTimes(question, random, values) as DecisionRequest }
  }
  const changed = random.pick(set.data)
  const data = set.data.map((file) =>
    file === changed ? { ...file, data: mutateTimes(file.data, random, values) } : file,
  )
  return { set, data, question }
}

function mutateTimes(value: unknown, random: Random, values: readonly unknown[]): unknown {
  let changed = value
  for (let count = 1 + random.below(4); count > 0; count--) changed = mutateJson(changed, random, values)
  return changed
}

function checkData(input: DataInput): Verdict {
  const { set, data, question } = input
  if (data === undefined) return checkQuestion(set.policySet, set.store, question)
  const { program } = set.policySet
  const { store, problems } = loadEntityData(program, data)
  if ((store === undefined) !== problems.length > 0) return 'a store in spite of a problem, or none without'
  const backward = loadEntityData(program, data.toReversed().map(reverseRows))
  if (backward.store?.version !== store?.version) return 'the order of rows or files matters'
  if (store === undefined) return undefined
  return checkQuestion(set.policySet, store, question)
}

function reverseRows({ name, data }: NamedData): NamedData {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { name, data }
  const { entities, assignments, ...rest } = data as Record<string, unknown>
  const turn = (rows: unknown) => (Array.isArray(rows) ? rows.toReversed() : rows)
  return {
    name,
    data: {
      ...rest,
      ...(entities !== undefined && { entities: turn(entities) }),
      ...(assignments !== undefined && { assignments: turn(assignments) }),
    },
  }
}

function checkQuestion(
  policySet: PolicySet,
  store: EntityStore | undefined,
  question: DecisionRequest,
): Verdict {
  const options = { now: () => Date.UTC(2026, 4, 4), ...(store !== undefined && { entities: store }) }
  const lax = answerOf(() => policySet.decide(question, options))
  const explained = answerOf(() => policySet.explain(question, { ...options, trace: true }))
  const strict = answerOf(() => policySet.decide(question, { ...options, strict: true }))
  // How many of the errors a brief answer tells, and until when it says that it holds, is up to the form that decides.
  const [decision] = lax.split('|')
  if (explained.split('|')[0] !== decision) return `explained as ${explained}, decided as ${lax}`
  if (strict.split('|')[0] !== decision && strict !== 'invalid-request|')
    return `strict: ${strict}, lax: ${lax}`
  return undefined
}

/** The decision with its answer, or the code of the refusal. */
function answerOf(ask: () => { readonly decision: string }): string {
  try {
    const answer = ask()
    return `${answer.decision}|${JSON.stringify(answer)}`
  } catch (error) {
    if (error instanceof PolicyLangError) return `${error.code}|`
    throw error
  }
}
