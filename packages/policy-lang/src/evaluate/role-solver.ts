// Who holds a role may rest on who holds others, in circles: the least solution in the order
// false < failed < true is found by starting from false and raising what changes, without recursion over data.
import { entityKey } from '../model/entity-key.ts'
import type { EntityRef } from '../model/values.ts'
import type { Outcome } from './result.ts'
import { failure } from './result.ts'

/** Whether the subject holds this role on this entity. */
export interface RoleGoal {
  readonly role: string
  readonly entity: EntityRef
}

export interface RoleSolver {
  readonly holds: (goal: RoleGoal, isNegative: boolean) => Outcome
}

/** One fixpoint under way. */
interface Frame {
  readonly root: string
  readonly entries: Map<string, Entry>
  /** Entries to judge (again), newest last, so that what others wait for comes first. */
  readonly pending: Entry[]
  current: Entry | undefined
}

interface Entry {
  readonly key: string
  readonly goal: RoleGoal
  /** Only ever raised. */
  outcome: Outcome
  isPending: boolean
  /** Entries whose outcome was found looking at this one. */
  readonly dependents: Entry[]
}

/** Thrown out of a judgement that needs a final outcome of something else first. */
class NeedsFinal extends Error {
  readonly goal: RoleGoal
  constructor(goal: RoleGoal) {
    super()
    this.goal = goal
  }
}

/**
 * @param judge one application of the definition; it asks `holds` for other goals, and must be monotone in all
 *   that it asks for positively
 */
export function createRoleSolver(judge: (goal: RoleGoal) => Outcome): RoleSolver {
  const settled = new Map<string, Outcome>()
  const frames: Frame[] = []
  const roots = new Set<string>()
  return {
    holds(goal, isNegative) {
      const key = goalKey(goal)
      const known = settled.get(key)
      if (known !== undefined) return known
      const frame = frames.at(-1)
      if (frame?.current === undefined) return solve(goal, key)
      if (isNegative) throw new NeedsFinal(goal)
      const entry = entryOf(frame, goal, key)
      entry.dependents.push(frame.current)
      return entry.outcome
    },
  }

  function solve(goal: RoleGoal, key: string): Outcome {
    openFrame(goal, key)
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const entry = frame.pending.pop()
      if (entry === undefined) closeFrame(frame)
      else judgeEntry(frame, entry)
    }
    return settled.get(key) ?? failure('a role was not settled')
  }

  function openFrame(goal: RoleGoal, key: string): void {
    const frame: Frame = { root: key, entries: new Map(), pending: [], current: undefined }
    frames.push(frame)
    roots.add(key)
    entryOf(frame, goal, key)
  }

  /** INVARIANT: only here does an outcome become final: nothing found inside an unfinished circle is kept. */
  function closeFrame(frame: Frame): void {
    frames.pop()
    roots.delete(frame.root)
    for (const { key, outcome } of frame.entries.values()) if (!settled.has(key)) settled.set(key, outcome)
  }

  function judgeEntry(frame: Frame, entry: Entry): void {
    entry.isPending = false
    frame.current = entry
    try {
      raise(frame, entry, judge(entry.goal))
    } catch (error) {
      if (!(error instanceof NeedsFinal)) throw error
      queue(frame, entry)
      settleFirst(error.goal)
    } finally {
      frame.current = undefined
    }
  }

  /** Solves what is needed in a frame of its own. In sound data such a need can never lead back to itself. */
  function settleFirst(goal: RoleGoal): void {
    const key = goalKey(goal)
    if (roots.has(key)) {
      settled.set(key, failure(`\`${goal.role}\` rests on its own negation`))
    } else openFrame(goal, key)
  }
}

function entryOf(frame: Frame, goal: RoleGoal, key: string): Entry {
  const known = frame.entries.get(key)
  if (known !== undefined) return known
  const entry: Entry = { key, goal, outcome: false, isPending: false, dependents: [] }
  frame.entries.set(key, entry)
  queue(frame, entry)
  return entry
}

function queue(frame: Frame, entry: Entry): void {
  if (entry.isPending || entry.outcome === true) return
  entry.isPending = true
  frame.pending.push(entry)
}

function raise(frame: Frame, entry: Entry, outcome: Outcome): void {
  if (rank(outcome) <= rank(entry.outcome)) return
  entry.outcome = outcome
  for (const dependent of entry.dependents) queue(frame, dependent)
}

function rank(outcome: Outcome): number {
  if (outcome === true) return 2
  return outcome === false ? 0 : 1
}

/** A key that two goals share exactly when they are the same. */
export function goalKey({ role, entity }: RoleGoal): string {
  return `${role.length}:${role}${entityKey(entity.type, entity.id)}`
}
