import { describeEntity } from '../model/describe-entity.ts'
import { entityKey } from '../model/entity-key.ts'
import { type ProblemSink, placeInside } from './data-problem.ts'
import type { DataSchema } from './data-schema.ts'
import type { UnitedEntity } from './unite-entities.ts'

/** How many cycles are told, and how many entities of a long one. */
const SHOWN_CYCLES = 10
const SHOWN_STEPS = 20

/** Refuses entities that lie below themselves, printing the way. Without recursion: data may be of any depth. */
export function refuseParentCycles(
  entities: ReadonlyMap<string, UnitedEntity>,
  { types }: DataSchema,
  sink: ProblemSink,
): void {
  // Entities of undeclared types are not read, and those that are only named have no parents.
  const declared = new Map([...entities].filter(([, entity]) => types.has(entity.type)))
  const cycles = findCycles(declared)
  for (const cycle of cycles) reportCycle(cycle, sink)
}

function findCycles(entities: ReadonlyMap<string, UnitedEntity>): readonly (readonly UnitedEntity[])[] {
  const cycles: (readonly UnitedEntity[])[] = []
  const finished = new Set<string>()
  /** The way from the start to where the walk is, each with the parents still to be visited. */
  const trail = new Map<string, Iterator<string>>()
  const enter = (key: string): void => {
    const entity = entities.get(key)
    if (entity !== undefined && !finished.has(key)) trail.set(key, parentKeys(entity))
  }
  for (const start of entities.keys()) {
    enter(start)
    const open = finished.has(start) ? [] : [start]
    for (let key = open.at(-1); key !== undefined; key = open.at(-1)) {
      const next = trail.get(key)?.next().value
      if (next === undefined) {
        finished.add(key)
        trail.delete(key)
        open.pop()
      } else if (trail.has(next)) {
        if (cycles.length === SHOWN_CYCLES) return cycles
        cycles.push(open.slice(open.indexOf(next)).flatMap((step) => entities.get(step) ?? []))
      } else {
        enter(next)
        if (trail.has(next)) open.push(next)
      }
    }
  }
  return cycles
}

function* parentKeys({ parents }: UnitedEntity): Generator<string, undefined> {
  for (const { type, id } of parents) yield entityKey(type, id)
  return undefined
}

function reportCycle(cycle: readonly UnitedEntity[], sink: ProblemSink): void {
  const [first] = cycle
  if (first === undefined) return
  const shown = cycle.slice(0, SHOWN_STEPS).map(describeEntity)
  if (shown.length < cycle.length) shown.push(`… (${cycle.length - shown.length} more)`)
  const way = [...shown, describeEntity(first)].join(' → ')
  sink.problem(placeInside(first.place, '.parents'), `entities lie below themselves: ${way}`)
}
