import { describeEntity } from '../model/describe-entity.ts'
import { type ProblemSink, placeInside } from './data-problem.ts'
import type { DataSchema } from './data-schema.ts'
import type { ReadEntity } from './read-entity.ts'
import type { UnitedEntities } from './unite-entities.ts'

/** How many cycles are told, and how many entities of a long one. */
const SHOWN_CYCLES = 10
const SHOWN_STEPS = 20

/** Refuses entities that lie below themselves, printing the way. Without recursion: data may be of any depth. */
export function refuseParentCycles(entities: UnitedEntities, { types }: DataSchema, sink: ProblemSink): void {
  // Entities of undeclared types are not read.
  const cycles = findCycles(entities, (type) => types.has(type))
  for (const cycle of cycles) reportCycle(cycle, sink)
}

/** Those that lead through one of `all`; each entity is found as one and the same object. */
export function findCycles(
  entities: Pick<UnitedEntities, 'all' | 'find'>,
  isRead: (type: string) => boolean,
): readonly (readonly ReadEntity[])[] {
  const cycles: (readonly ReadEntity[])[] = []
  const finished = new Set<ReadEntity>()
  /** The way from the start to where the walk is, each with how many of its parents were visited. */
  const trail = new Map<ReadEntity, number>()
  /** Those that are only named have no parents, and those without are in no cycle. */
  const canRise = (entity: ReadEntity | undefined): entity is ReadEntity =>
    entity !== undefined && entity.parents.length > 0 && isRead(entity.type) && !finished.has(entity)
  for (const start of entities.all) {
    if (!canRise(start)) continue
    trail.set(start, 0)
    const open = [start]
    for (let entity = open.at(-1); entity !== undefined; entity = open.at(-1)) {
      const visited = trail.get(entity) ?? 0
      const parent = entity.parents[visited]
      if (parent === undefined) {
        finished.add(entity)
        trail.delete(entity)
        open.pop()
        continue
      }
      trail.set(entity, visited + 1)
      const next = entities.find(parent.type, parent.id)
      if (next !== undefined && trail.has(next)) {
        if (cycles.length === SHOWN_CYCLES) return cycles
        cycles.push(open.slice(open.indexOf(next)))
      } else if (canRise(next)) {
        trail.set(next, 0)
        open.push(next)
      }
    }
  }
  return cycles
}

export function reportCycle(cycle: readonly ReadEntity[], sink: ProblemSink): void {
  const [first] = cycle
  if (first === undefined) return
  const shown = cycle.slice(0, SHOWN_STEPS).map(describeEntity)
  if (shown.length < cycle.length) shown.push(`… (${cycle.length - shown.length} more)`)
  const way = [...shown, describeEntity(first)].join(' → ')
  sink.problem(placeInside(first.place, '.parents'), `entities lie below themselves: ${way}`)
}
