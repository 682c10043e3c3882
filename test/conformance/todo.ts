import { readVectors } from './read-vectors.ts'
import { type ConformanceCase, checkDecision, checkDecisions, type Scenario } from './scenario.ts'

interface InteropFile {
  readonly evaluation?: readonly { readonly request: unknown; readonly expected: boolean }[]
  readonly evaluations?: readonly {
    readonly request: unknown
    readonly expected: readonly { readonly decision: boolean }[]
  }[]
}

export type Directory = Readonly<
  Record<string, { readonly email: string; readonly roles: readonly string[] }>
>

/** The cases of one file of an interoperability scenario: single questions and batches. */
export function toInteropCases(label: string, file: InteropFile): readonly ConformanceCase[] {
  const single = (file.evaluation ?? []).map(({ request, expected }, index) => ({
    name: `${label} evaluation[${index}] ${JSON.stringify(request)}`,
    check: async (ask) => checkDecision(await ask('/access/v1/evaluation', { body: request }), expected),
  })) satisfies readonly ConformanceCase[]
  const batches = (file.evaluations ?? []).map(({ request, expected }, index) => ({
    name: `${label} evaluations[${index}] ${JSON.stringify(request)}`,
    check: async (ask) =>
      checkDecisions(
        await ask('/access/v1/evaluations', { body: request }),
        expected.map((item) => item.decision),
      ),
  })) satisfies readonly ConformanceCase[]
  return [...single, ...batches]
}

/** The to-do scenario: 40 questions in two versions, batches, and a batch with empty defaults. */
export function loadTodo(vectors: string): Scenario {
  const directory = readVectors<Directory>(vectors, 'authzen-todo/users.json')
  const file = (name: string): InteropFile => readVectors<InteropFile>(vectors, `authzen-todo/${name}.json`)
  const entities = Object.entries(directory).map(([id, { email, roles }]) => ({
    type: 'user',
    id,
    properties: { email, roles },
  }))
  return {
    name: 'todo',
    data: { 'users.json': { entities } },
    cases: [
      ...toInteropCases('1.0-02', file('decisions-authorization-api-1_0-02')),
      ...toInteropCases('1.0-01', file('decisions-authorization-api-1_0-01')),
      ...toInteropCases('empty defaults', file('doc-evaluations-empty-defaults')),
    ],
    leftOut: [],
  }
}
