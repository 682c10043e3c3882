// Questions for roles, made ready once: which roles count, on an entity and on what lies above it. Roles that rest on
// themselves through `hasRole` are the reference's to solve.
import type { LinkedProgram } from '../evaluate/link.ts'
import type { JsonObject } from '../model/request.ts'
import { childrenOf } from '../program/code-children.ts'
import type { Code } from '../program/program.ts'
import type { RoleSite } from './assignment-view.ts'
import type { Emitted } from './compile-js.ts'
import type { FastOutcome } from './outcome.ts'
import type { Run } from './run.ts'

/** Decides for an entity by its id. */
export type EntityTest = Emitted<
  (
    run: Run,
    sp: JsonObject,
    rp: JsonObject,
    cx: JsonObject,
    sid: string,
    rid: string,
    k: readonly unknown[],
  ) => FastOutcome
>

/** A question for roles, each with a tag: the index of the rule that it makes apply. */
export interface RoleQuery {
  /** Tags of roles that give an asked one where they are held on the entity itself. */
  readonly here: RoleTags
  /** The same, where they are held on something above. */
  readonly above: RoleTags
  /** By type: conditions of roles that count on an entity above. */
  readonly testsAbove: (type: string) => readonly EntityTest[]
}

/** A question about entities of one type. */
export interface RoleQuestion {
  /** Its number among all questions of a Program. */
  readonly index: number
  readonly query: RoleQuery
  readonly type: string
  /** Types that the entities may lie below, where roles that are held there count. */
  readonly typesAbove: readonly string[]
}

/** From the index of a role to its tag; -1 for a role that does not count. */
export interface RoleTags {
  readonly roles: ReadonlyMap<number, number>
  /** The same by index, -1 where a role does not count; only where a policy set has few roles. */
  readonly list: readonly number[] | undefined
  readonly size: number
}

/** How each role counts, by name. */
export type RoleSites = ReadonlyMap<string, RoleSite>

/** Roles of a Program as an index asks for them. */
export interface RoleIndex {
  readonly sites: RoleSites
  readonly names: readonly string[]
  /** The role and all that extend it, however far. */
  readonly givers: (role: string) => readonly string[]
  /** Whether who holds it can depend on itself through `hasRole`, so that it takes a fixpoint. */
  readonly isRecursive: (role: string) => boolean
  /** Numbers a question. */
  readonly pose: (question: Omit<RoleQuestion, 'index'>) => RoleQuestion
}

export function createRoleIndex(linked: LinkedProgram): RoleIndex {
  const names = linked.program.roles.map(({ name }) => name)
  const sites = new Map(
    linked.program.roles.map(({ name, when, parameters }, index): [string, RoleSite] => [
      name,
      { index, isConditional: when !== undefined || parameters.length > 0 },
    ]),
  )
  const reached = new Map<string, readonly string[]>()
  const givers = (role: string): readonly string[] => {
    const known = reached.get(role) ?? reach([role], (name) => linked.roles.get(name)?.extendedBy ?? [])
    reached.set(role, known)
    return known
  }
  const recursive = new Map<string, boolean>()
  const isRecursive = (role: string): boolean => {
    const known = recursive.get(role) ?? findRecursion(role, linked, givers)
    recursive.set(role, known)
    return known
  }
  let posed = 0
  const pose = (question: Omit<RoleQuestion, 'index'>): RoleQuestion => {
    posed += 1
    return { index: posed - 1, ...question }
  }
  return { sites, names, givers, isRecursive, pose }
}

function reach(from: readonly string[], next: (name: string) => readonly string[]): readonly string[] {
  const found = new Set(from)
  for (const name of found) for (const other of next(name)) found.add(other)
  return [...found]
}

/** Whether asking for the role can lead back to some role on the way. */
function findRecursion(
  role: string,
  linked: LinkedProgram,
  givers: (role: string) => readonly string[],
): boolean {
  const asks = (name: string): readonly string[] => askedRoles(name, linked)
  const onTheWay = reach(givers(role), (name) => asks(name).flatMap(givers))
  return onTheWay.some((name) =>
    reach(asks(name).flatMap(givers), (other) => asks(other).flatMap(givers)).includes(name),
  )
}

/** Roles that conditions and the `when` of a role ask for. */
function askedRoles(name: string, linked: LinkedProgram): readonly string[] {
  const role = linked.roles.get(name)?.role
  if (role === undefined) return []
  const codes = [
    ...role.conditions.map(({ condition }) => condition.code),
    ...(role.when ? [role.when.code] : []),
  ]
  return [...new Set(codes.flatMap(rolesIn))]
}

function rolesIn(code: Code): readonly string[] {
  const inside = childrenOf(code).flatMap(rolesIn)
  return code.op === 'hasRole' ? [code.role, ...inside] : inside
}

/** Roles of `givers` that are inherited, and all that give one of these: what counts above an entity. */
export function giversAbove(role: string, linked: LinkedProgram, index: RoleIndex): readonly string[] {
  const inherited = index.givers(role).filter((name) => linked.roles.get(name)?.role.isInherited === true)
  return [...new Set(inherited.flatMap((name) => index.givers(name)))]
}
