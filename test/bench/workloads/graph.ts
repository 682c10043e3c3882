// What the three published applications share: random graphs of entities, in which two are connected with a
// probability of 0.05, and everything above an entity.
import type { JsonEntityRef } from '../../../packages/policy-lang/src/index.ts'
import type { Random } from '../../fuzz/random.ts'
import type { CedarEntity } from '../engines/peer-forms.ts'

/** One in this many pairs is connected: the probability 0.05 of the publication. */
const ONE_IN = 20

export interface AppRequest {
  readonly subject: JsonEntityRef
  readonly action: { readonly name: string }
  readonly resource: JsonEntityRef
}

export function createIds(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}

export function drawConnected(ids: readonly string[], random: Random): readonly string[] {
  return ids.filter(() => random.oneIn(ONE_IN))
}

/** Which lie directly in which: in earlier ones alone, so that no circle comes about. */
export function drawHierarchy(
  ids: readonly string[],
  random: Random,
): ReadonlyMap<string, readonly string[]> {
  return new Map(ids.map((id, index) => [id, drawConnected(ids.slice(0, index), random)]))
}

/** The given ones and all that lie above them. */
export function closeUpwards(
  starts: readonly string[],
  parentsOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const found = new Set(starts)
  for (const id of found) {
    for (const parent of parentsOf.get(id) ?? []) found.add(parent)
  }
  return [...found]
}

export function toRefs(type: string, ids: readonly string[]): readonly JsonEntityRef[] {
  return ids.map((id) => ({ type, id }))
}

export function toCedarEntity(
  type: string,
  id: string,
  { attrs = {}, parents = [] }: Partial<CedarEntity> = {},
): CedarEntity {
  return { uid: { type, id }, attrs, parents }
}

/** Uniform over actions, subjects, and resources of the type that knows the action. */
export function drawAppRequests(
  actions: readonly { readonly name: string; readonly type: string; readonly ids: readonly string[] }[],
  users: readonly string[],
  count: number,
  random: Random,
): readonly AppRequest[] {
  return Array.from({ length: count }, () => {
    const { name, type, ids } = random.pick(actions)
    return {
      subject: { type: 'User', id: random.pick(users) },
      action: { name },
      resource: { type, id: random.pick(ids) },
    }
  })
}

/** What is made once for each key. */
export function memoize<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>()
  return (key) => {
    const old = made.get(key)
    if (old !== undefined) return old
    const value = make(key)
    made.set(key, value)
    return value
  }
}
