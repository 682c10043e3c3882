// A policy set as fast functions: the shape of the request is looked at, the plan for its types and action found, and
// run. Whatever is out of the ordinary is left to the reference evaluator, from the start: no answer is ever mended.
import { isToHolders } from '../evaluate/assignment-index.ts'
import { EMPTY_STORE } from '../evaluate/create-session.ts'
import type { DecideOptions } from '../evaluate/decide.ts'
import type { LinkedAction, LinkedProgram } from '../evaluate/link.ts'
import type { Answer } from '../model/answer.ts'
import { targetKey } from '../model/assignment-key.ts'
import { memberOf } from '../model/decode-value.ts'
import type { EntityStore } from '../model/entity-data.ts'
import type { QuestionKind } from '../model/question-kind.ts'
import type { JsonEntityRef, JsonObject, JsonValue } from '../model/request.ts'
import type { ProgramAssignment } from '../program/program.ts'
import { cellRules, ruleCount, shapeAt } from '../program/rule-access.ts'
import { createDenied } from './answers.ts'
import { createAnswersByRole } from './answers-by-role.ts'
import { createAssignmentView } from './assignment-view.ts'
import { createFunctionMaker } from './compile-js.ts'
import { createRun } from './create-run.ts'
import { decideNarrowly } from './decide-narrowly.ts'
import { createStoredDecoder } from './decode-stored.ts'
import { readRoles } from './emit-guards.ts'
import { createEntityView, type ParentTypes } from './entity-view.ts'
import { findHeld, toOutcome } from './find-held.ts'
import { findChanged } from './follow-store.ts'
import * as operations from './operations.ts'
import { either, LEAVE } from './outcome.ts'
import { createPlanBook, type Plan } from './plan-book.ts'
import { createRoleIndex } from './role-query.ts'
import {
  charge,
  clearRun,
  NOTHING_SENT,
  nodeOfResource,
  nodeOfSubject,
  type RequestEntity,
  readAttribute,
  readClock,
  readUnsent,
} from './run.ts'

export interface FastDecider {
  /** Decides, or `undefined` where the request is one for the reference evaluator. */
  readonly decide: (request: unknown, options: DecideOptions) => Answer | undefined
  /** What it was asked about lately. */
  readonly inUse: () => readonly QuestionKind[]
  /**
   * Makes what decisions of these kinds need, step by step. INVARIANT: it saves work and changes no answer, however
   * far it gets.
   */
  readonly prepare: (kinds: readonly QuestionKind[], entities: EntityStore) => Generator<undefined, void>
  /** Reads entities of the store ahead of the decisions that need them. */
  readonly read: (store: EntityStore, entities: readonly JsonEntityRef[]) => void
}

const NONE: readonly ProgramAssignment[] = Object.freeze([])
/** So many rules of an effect are written out one after the other, in the order of their ids. */
const MAX_WRITTEN = 24
/** With a smaller budget, the steps of the reference count. */
const MIN_STEP_BUDGET = 100_000

/** @internal */
export interface FastDeciderOptions {
  /** Rules of an action by their index in the Program. Default: all of them; a test may want fewer. */
  readonly select?: (action: LinkedAction) => readonly number[]
  /** Plans of an effect with more rules are tables. Default 24; a test may want tables of few. */
  readonly maxWritten?: number
}

export function createFastDecider(linked: LinkedProgram, options: FastDeciderOptions = {}): FastDecider {
  const { select = ({ cell }) => Array.from(cellRules(linked.program, cell)), maxWritten = MAX_WRITTEN } =
    options
  const maker = createFunctionMaker({
    ...operations,
    charge,
    memberOf,
    readAttribute,
    readUnsent,
    NOTHING_SENT,
    nodeOfResource,
    nodeOfSubject,
    readClock,
    either,
    findHeld,
    readRoles,
    toOutcome,
  })
  const roles = createRoleIndex(linked)
  const parentTypes: ParentTypes = new Map(
    [...linked.types].flatMap(([name, { schema }]) =>
      schema.parents.length === 0 ? [] : [[name, schema.parents] as const],
    ),
  )
  const shapes = { parentTypes, decode: createStoredDecoder(linked.types) }
  const written = Map.groupBy(linked.program.assignments, ({ to }) => targetKey(to))
  const writtenToHolders = linked.program.assignments.flatMap(({ role, to }) =>
    isToHolders(to) ? [role] : [],
  )
  const run = createRun(linked)
  const denied = createDenied(linked.program.policyVersion)
  const plans = createPlanBook({ linked, roles, maker, denied, select, maxWritten })
  const byRole = createAnswersByRole(roles.sites, (...question) => {
    const plan = plans.find(...question)
    if (plan !== undefined) plan.isAskedByRole = true
    return plan?.byRole()
  })
  const isMostlyGrants = countGrants(linked) * 2 >= ruleCount(linked.program)
  let store: EntityStore | undefined
  let version = ''
  let isBusy = false
  /** Of the plan under way. */
  let selections: Plan['selections']

  function openStore(next: EntityStore): void {
    const changed = store && findChanged(store, next, parentTypes)
    const nextVersion = next.version
    if (changed === undefined) openAnew(next)
    else {
      run.entities.follow(next, changed)
      run.assignments.follow(next, changed)
    }
    store = next
    version = nextVersion
  }

  /** Both views at once, or none where the store throws. */
  function openAnew(next: EntityStore): void {
    const entities = createEntityView(next, shapes)
    run.assignments = createAssignmentView({
      store: next,
      entities,
      roles: roles.sites,
      written: (target) => (written.size === 0 ? NONE : (written.get(targetKey(target)) ?? NONE)),
      writtenToHolders,
      setOf: byRole.setOf,
    })
    run.entities = entities
  }

  /** A request that says no more than who asks for what: `undefined` where roles alone do not settle it. */
  function decideByRoles(
    { type, id, roles: sent }: RequestEntity,
    resourceType: string,
    action: string,
  ): Answer | undefined {
    const question = byRole.numberOf(resourceType, action, type)
    if (sent != null) {
      if (!Array.isArray(sent) || sent.length === 0) return undefined
      let found = denied
      // Each is looked at: one that does not count is reported, whatever the others come to.
      for (let index = 0; index < sent.length; index += 1) {
        const set = byRole.setOfSent(sent[index])
        if (set === undefined) return undefined
        const answer = byRole.find(set, question) ?? byRole.settle(set, resourceType, action, type)
        if (answer === undefined) return undefined
        if (found === denied) found = answer
      }
      if (found !== denied) return found
    }
    const { roleSet } = run.assignments.grantsOf(type, id)
    if (roleSet === undefined) return undefined
    const { number } = roleSet
    return byRole.find(number, question) ?? byRole.settle(number, resourceType, action, type)
  }

  /** INVARIANT: what is no request of sound shape never comes to a plan. */
  function decide(request: Shape, options: DecideOptions): Answer | undefined {
    const { subject, action, resource, entities, __proto__: ofRequest } = request
    // What an object inherits is none of the request.
    if (ofRequest !== Object.prototype) return undefined
    if (typeof subject !== 'object' || subject === null) return undefined
    const { type: subjectType, id: subjectId, properties: ofSubject, __proto__: aboveSubject } = subject
    if (typeof subjectType !== 'string' || typeof subjectId !== 'string') return undefined
    if (aboveSubject !== Object.prototype) return undefined
    if (typeof resource !== 'object' || resource === null) return undefined
    const { type: resourceType, id: resourceId, properties: ofResource, __proto__: aboveResource } = resource
    if (typeof resourceType !== 'string' || typeof resourceId !== 'string') return undefined
    if (aboveResource !== Object.prototype) return undefined
    if (typeof action !== 'object' || action === null) return undefined
    const { name, properties: ofAction, __proto__: aboveAction } = action
    if (typeof name !== 'string' || aboveAction !== Object.prototype) return undefined
    if (isMostlyGrants && entities == null && request.context == null && ofAction == null) {
      const answer =
        ofResource == null && resource.parents == null && ofSubject == null && subject.parents == null
          ? decideByRoles(subject as RequestEntity, resourceType, name)
          : undefined
      if (answer !== undefined) return answer
    }
    const plan = plans.find(resourceType, name, subjectType)
    if (plan === undefined) return undefined
    plan.isAsked = true
    selections = plan.selections
    const cx = request.context ?? NOTHING_SENT
    if (entities != null || (cx as JsonObject).now != null) throw LEAVE
    run.subject = subject as RequestEntity
    run.resource = resource as RequestEntity
    run.context = cx as JsonObject
    run.clock = options.now
    const { code, k } = plan.decide
    return code(
      run,
      run.subject,
      run.resource,
      (ofSubject ?? NOTHING_SENT) as JsonObject,
      (ofResource ?? NOTHING_SENT) as JsonObject,
      (ofAction ?? NOTHING_SENT) as JsonObject,
      run.context,
      k,
    )
  }

  function open(next: EntityStore): void {
    if (next !== store || next.version !== version) openStore(next)
  }

  function decideOrLeave(request: unknown, options: DecideOptions): Answer | undefined {
    // A store or a clock that asks for a decision itself is answered by the reference: this one is under way.
    if (isBusy || !isOrdinary(options) || !isObject(request) || isPolluted()) return undefined
    isBusy = true
    selections = undefined
    try {
      open(options.entities ?? EMPTY_STORE)
      if (run.isTouched) clearRun(run)
      const answer = decide(request, options)
      if (options.sharedSteps !== undefined) options.sharedSteps.left -= run.steps + BASE_STEPS
      return answer
    } catch (error) {
      if (error !== LEAVE) throw error
    } finally {
      isBusy = false
    }
    return selections && decideNarrowly(linked, request, options, selections)
  }

  function* makeReady(entities: EntityStore, making: Iterable<undefined>): Generator<undefined, void> {
    openStore(entities)
    yield
    yield* making
  }

  function read(next: EntityStore, entities: readonly JsonEntityRef[]): void {
    if (isBusy || isPolluted()) return
    isBusy = true
    try {
      open(next)
      for (const { type, id } of entities) {
        run.entities.node(type, id)
        run.entities.above(type, id)
        if (linked.types.get(type)?.schema.isSubject === true) run.assignments.grantsOf(type, id)
      }
    } finally {
      isBusy = false
    }
  }

  return {
    decide: decideOrLeave,
    inUse: plans.inUse,
    prepare: (kinds, entities) => makeReady(entities, plans.prepare(kinds)),
    read,
  }
}

/** What a decision counts at least, of steps that several share. */
const BASE_STEPS = 4

/** What an object inherits from, read as a member: the machine knows what such a read comes to from reads before. */
interface Inheriting {
  readonly __proto__?: object
}

/** What may be a request: nothing about it is known. */
interface Shape extends Inheriting {
  readonly subject?: (Partial<RequestEntity> & Inheriting) | null
  readonly action?: ({ readonly name?: JsonValue; readonly properties?: JsonValue } & Inheriting) | null
  readonly resource?: (Partial<RequestEntity> & Inheriting) | null
  readonly context?: JsonValue
  readonly entities?: JsonValue
}

function isObject(json: unknown): json is Shape {
  return typeof json === 'object' && json !== null
}

function isOrdinary({ detail, footprint, strict, stepBudget, sharedSteps }: DecideOptions): boolean {
  return (
    detail !== 'full' &&
    footprint !== true &&
    strict !== true &&
    (stepBudget === undefined || stepBudget >= MIN_STEP_BUDGET) &&
    (sharedSteps === undefined || sharedSteps.left >= MIN_STEP_BUDGET)
  )
}

const EMPTY = {}

/** Members are read without asking whether they are inherited: nothing may be added to what all objects inherit. */
function isPolluted(): boolean {
  for (const _ in EMPTY) return true
  return false
}

/** Rules that ask for a role and for nothing else. */
function countGrants({ program }: LinkedProgram): number {
  let count = 0
  for (let index = 0; index < ruleCount(program); index += 1) {
    const { who, conditions } = shapeAt(program, index)
    if (conditions.length === 0 && who.length === 1 && who[0]?.kind === 'role') count += 1
  }
  return count
}
