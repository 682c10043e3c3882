// Which role the subject holds on which entity: the least solution, by going round until nothing changes.
import type { PolicyFile } from '../../../packages/policy-lang/src/ast/nodes.ts'
import { collectAssignments, type Given } from './assignments.ts'
import { type AskRole, evaluate, type Scope, subjectOf } from './expressions.ts'
import { isIn, parentsOf, type World } from './facts.ts'
import type { Role } from './schema.ts'
import { collectUniverse, entityKey } from './universe.ts'
import { and, bool, equal, FAILED, type Outcome, or, type Reference } from './values.ts'

type Table = ReadonlyMap<string, Outcome>

/** One way a role with parameters is held. Parameters that nobody can know fail. */
export interface Instance {
  readonly truth: Outcome
  readonly parameters: ReadonlyMap<string, Outcome>
}

export interface Roles {
  readonly ask: AskRole
  /** Instances of a role with parameters on an entity. */
  readonly instancesOn: (role: string, on: Reference) => readonly Instance[]
}

/** Lengths in front keep two questions apart whatever the names hold. */
const keyOf = (role: string, { type, id }: Reference): string =>
  `${role.length}:${type.length}:${role}${type}${id}`

const named = (world: World, role: string): Role => {
  const found = world.schema.roles.get(role)
  if (found === undefined) throw new Error(`no role ${role}`)
  return found
}

function coversPlace(given: Given, on: Reference): boolean {
  if (given.on.kind === 'everything') return true
  return given.on.kind === 'type' ? given.on.type === on.type : equal(given.on.entity, on)
}

function reachesSubject(given: Given, world: World, ask: AskRole): Outcome {
  const subject = subjectOf(world)
  switch (given.to.kind) {
    case 'everyone':
      return bool(true)
    case 'type':
      return bool(subject.type === given.to.type)
    case 'entity':
      return isIn(world, subject, given.to.entity)
    case 'holders':
      return ask(given.to.role, given.to.on, true)
  }
}

function hasNotExpired(given: Given, now: number | undefined): Outcome {
  if (given.until === undefined) return bool(true)
  return now === undefined ? FAILED : bool(now < given.until)
}

/** Whether an assignment counts for the subject, wherever it is `on`. */
function counts(given: Given, world: World, ask: AskRole): Outcome {
  const names = new Map([...given.parameters].map(([name, outcome]) => [name, { outcome }]))
  const scope: Scope = { world, askRole: ask, resource: undefined, names }
  const when = named(world, given.role).when.map((condition) => evaluate(condition, scope, true))
  return and([reachesSubject(given, world, ask), hasNotExpired(given, world.now), ...when])
}

/** One look at all four ways to hold a role. */
function derive(
  role: string,
  on: Reference,
  assignments: readonly Given[],
  world: World,
  ask: AskRole,
): Outcome {
  const { isInherited, conditions } = named(world, role)
  const ways: Outcome[] = []
  for (const given of assignments) {
    if (given.role === role && coversPlace(given, on)) ways.push(counts(given, world, ask))
  }
  for (const { types, condition } of conditions) {
    const isFor = types.length === 0 || types.some((type) => type.name === on.type)
    const scope: Scope = { world, askRole: ask, resource: on, names: new Map() }
    if (isFor) ways.push(evaluate(condition, scope, true))
  }
  for (const [other, { extends: extended }] of world.schema.roles) {
    if (extended.includes(role)) ways.push(ask(other, on, true))
  }
  if (isInherited) {
    const parents = parentsOf(world, on)
    if (parents === 'unknown') ways.push(FAILED)
    else ways.push(...parents.map((parent) => ask(role, parent, true)))
  }
  return or(ways)
}

const look = (table: Table, role: string, on: Reference): Outcome => {
  const found = table.get(keyOf(role, on))
  if (found === undefined) throw new Error(`outside the universe: ${role} on ${entityKey(on)}`)
  return found
}

const isSame = (a: Table, b: Table): boolean =>
  [...a].every(([key, outcome]) => {
    const other = b.get(key)
    return (
      outcome.kind === other?.kind && (outcome.kind !== 'bool' || equal(outcome, other as typeof outcome))
    )
  })

const ROUNDS = 500

/** Goes from one table to the next until they are the same. */
function settle(start: Table, next: (table: Table) => Table): Table {
  let table = start
  for (let round = 0; round < ROUNDS; round += 1) {
    const following = next(table)
    if (isSame(table, following)) return following
    table = following
  }
  throw new Error('the roles have no least solution')
}

/**
 * Stratified meaning without strata: negative questions are answered by the solution of the round before, and
 * rounds go on until a solution is its own answer. The lowest stratum is right after one round, the next after two.
 */
function solve(world: World, assignments: readonly Given[], universe: readonly Reference[]): Table {
  const questions = [...world.schema.roles.keys()].flatMap((role) =>
    universe.map((on) => ({ key: keyOf(role, on), role, on })),
  )
  const bottom: Table = new Map(questions.map(({ key }) => [key, bool(false)]))
  let isTurnedRound = false
  const solveWith = (before: Table): Table =>
    settle(bottom, (table) => {
      const ask: AskRole = (role, on, isPositive) => {
        isTurnedRound ||= !isPositive
        return look(isPositive ? table : before, role, on)
      }
      return new Map(questions.map(({ key, role, on }) => [key, derive(role, on, assignments, world, ask)]))
    })
  const first = solveWith(bottom)
  return isTurnedRound ? settle(first, solveWith) : first
}

/** The entity and all above it; `isComplete` where no parents are unknown. */
function chainOf(world: World, on: Reference): { entities: readonly Reference[]; isComplete: boolean } {
  const entities: Reference[] = []
  let isComplete = true
  const open = [on]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const entity = next
    if (entities.some((each) => equal(each, entity))) continue
    entities.push(entity)
    const parents = parentsOf(world, entity)
    if (parents === 'unknown') isComplete = false
    else open.push(...parents)
  }
  return { entities, isComplete }
}

export function solveRoles(world: World, files: readonly PolicyFile[]): Roles {
  const noRoles: AskRole = () => FAILED
  const assignments = collectAssignments({ world, askRole: noRoles, resource: undefined, names: new Map() })
  const universe = [...collectUniverse(world, files, assignments).values()]
  const table = solve(world, assignments, universe)
  const ask: AskRole = (role, on) => look(table, role, on)
  const instancesOn = (role: string, on: Reference): readonly Instance[] => {
    const { isInherited, parameters } = named(world, role)
    const { entities, isComplete } = isInherited ? chainOf(world, on) : { entities: [on], isComplete: true }
    const found = assignments
      .filter((given) => given.role === role && entities.some((entity) => coversPlace(given, entity)))
      .map((given) => ({ truth: counts(given, world, ask), parameters: given.parameters }))
    const unreadable = new Map([...parameters.keys()].map((name) => [name, FAILED] as const))
    return isComplete ? found : [...found, { truth: FAILED, parameters: unreadable }]
  }
  return { ask, instancesOn }
}
