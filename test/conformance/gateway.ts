import { readVectors } from './read-vectors.ts'
import type { Scenario } from './scenario.ts'
import { type Directory, toInteropCases } from './todo.ts'

/** The API gateway scenario: the people of the to-do scenario, with their roles assigned on everything. */
export function loadGateway(vectors: string): Scenario {
  const people = Object.entries(readVectors<Directory>(vectors, 'authzen-todo/users.json'))
  return {
    name: 'gateway',
    data: {
      'identities.json': {
        assignments: people.flatMap(([id, { roles }]) =>
          roles.map((role) => ({ role, to: { type: 'identity', id }, on: '*' as const })),
        ),
      },
    },
    cases: toInteropCases('gateway', readVectors(vectors, 'authzen-gateway/decisions.json')),
    leftOut: [],
  }
}
