// A policy set as fast functions: the shape of the request is looked at, the plan for its types and action found, and
// run. Whatever is out of the ordinary is left to the reference evaluator, from the start: no answer is ever mended.
import type { DecideOptions } from '../evaluate/decide.ts'
import type { LinkedAction, LinkedProgram, LinkedType } from '../evaluate/link.ts'
import { rulesOf } from '../evaluate/link.ts'
import type { Answer } from '../model/answer.ts'
import { scopeKey } from '../model/assignment-key.ts'
import type { EntityStore } from '../model/entity-data.ts'
import type { JsonObject } from '../model/request.ts'
import type { ProgramRule } from '../program/program.ts'
import { createAssignmentView } from './assignment-view.ts'
import { createFunctionMaker } from './compile-js.ts'
import { emitPlan, type PlanFunction } from './emit-plan.ts'
import { createRoleEmitter } from './emit-role.ts'
import { createEntityView, type ParentTypes } from './entity-view.ts'
import { FORMS } from './forms.ts'
import * as operations from './operations.ts'
import { either, LEAVE } from './outcome.ts'
import { toPlanRule } from './plan-rule.ts'
import { createRoleIndex, findHeld, toOutcome } from './role-query.ts'
import { charge, ownMember, type Run, readAttribute, readClock, readUnsent } from './run.ts'
import type { RoleEmitter } from './site.ts'

/** Decides, or `undefined` where the request is one for the reference evaluator. */
export type FastDecider = (request: unknown, options: DecideOptions) => Answer | undefined

const NOTHING: JsonObject = Object.freeze({})
const NO_ROLES: readonly number[] = Object.freeze([])
/** With a smaller budget, the steps of the reference count. */
const MIN_STEP_BUDGET = 100_000

/** A store without entities and assignments. */
const EMPTY_STORE: EntityStore = {
  entity: () => 'absent',
  assignmentsTo: () => [],
  assignmentsOn: () => [],
  hasAssignmentsOn: () => false,
  entitiesOf: () => [],
  version: 'empty',
}

/**
 * @param select the rules of an action, all of them unless a test wants fewer
 */
export function createFastDecider(
  linked: LinkedProgram,
  select: (action: LinkedAction) => readonly ProgramRule[] = (action) => rulesOf(linked, action),
): FastDecider {
  const maker = createFunctionMaker({
    ...operations,
    charge,
    ownMember,
    readAttribute,
    readUnsent,
    readClock,
    either,
    findHeld,
    toOutcome,
  })
  const roles = createRoleIndex(linked)
  const parentTypes: ParentTypes = new Map(
    [...linked.types].flatMap(([name, { schema }]) =>
      schema.parents.length === 0 ? [] : [[name, schema.parents] as const],
    ),
  )
  const writtenTypes = new Set(
    linked.program.assignments.flatMap(({ on }) => (on !== '*' && 'id' in on ? [on.type] : [])),
  )
  const plans = new Map<string, Map<string, Map<string, Plan>>>()
  const emitters = new Map<string, RoleEmitter>()
  const run = createRun(linked)
  let store: EntityStore | undefined
  let version = ''
  let isBusy = false

  function openStore(next: EntityStore): void {
    store = next
    version = next.version
    run.entities = createEntityView(next, parentTypes)
    run.assignments = createAssignmentView(
      next,
      roles.sites,
      (scope) => linked.assignments.get(scopeKey(scope)) ?? [],
      writtenTypes,
    )
  }

  function findPlan(resourceType: string, action: string, subjectType: string): Plan | undefined {
    return (
      plans.get(resourceType)?.get(action)?.get(subjectType) ?? makePlan(resourceType, action, subjectType)
    )
  }

  /** `undefined` where the policy knows no such types or action: that is the reference's to say. */
  function makePlan(resourceType: string, actionName: string, subjectType: string): Plan | undefined {
    const resource = linked.types.get(resourceType)
    const subject = linked.types.get(subjectType)
    const action = resource?.actions.get(actionName)
    if (!subject?.schema.isSubject || !resource?.schema.isResource || action === undefined) return undefined
    const emitter = emitters.get(subjectType) ?? createRoleEmitter(linked, roles, subject, maker, FORMS)
    emitters.set(subjectType, emitter)
    const rules = select(action).flatMap((rule) => toPlanRule(rule, subject, linked) ?? [])
    const setup = { linked, roles, emitter, maker, subject, resource, actionName, action, rules }
    const plan: Plan = {
      decide: emitPlan(setup),
      subject: guardOf(subject),
      resource: guardOf(resource),
    }
    const ofResource = plans.get(resourceType) ?? new Map<string, Map<string, Plan>>()
    const ofAction = ofResource.get(actionName) ?? new Map<string, Plan>()
    plans.set(resourceType, ofResource.set(actionName, ofAction.set(subjectType, plan)))
    return plan
  }

  function decide(request: Shape, options: DecideOptions): Answer | undefined {
    const { subject, action, resource } = request
    if (!isObject(subject) || !isObject(action) || !isObject(resource)) return undefined
    const { type: st, id: sid } = subject
    const { type: rt, id: rid } = resource
    const { name } = action
    if (
      typeof st !== 'string' ||
      typeof sid !== 'string' ||
      typeof rt !== 'string' ||
      typeof rid !== 'string'
    ) {
      return undefined
    }
    if (typeof name !== 'string' || request.entities != null) return undefined
    const sp = subject.properties ?? NOTHING
    const rp = resource.properties ?? NOTHING
    const ap = action.properties ?? NOTHING
    const cx = request.context ?? NOTHING
    if (!isPlain(sp) || !isPlain(rp) || !isPlain(ap) || !isPlain(cx) || cx.now != null) return undefined
    const plan = findPlan(rt, name, st)
    if (plan === undefined) return undefined
    if (subject.roles != null && !readRoles(subject.roles, plan)) return undefined
    if (
      plan.subject.isRoleInside &&
      sp.roles != null &&
      (subject.roles != null || !readRoles(sp.roles, plan))
    ) {
      return undefined
    }
    const hasParents = sendsParents(subject, sp, plan.subject) || sendsParents(resource, rp, plan.resource)
    if (hasParents && (plan.subject.hasStoredParents || plan.resource.hasStoredParents)) return undefined
    for (const stored of plan.subject.stored) if (ownMember(sp, stored) !== undefined) return undefined
    for (const stored of plan.resource.stored) if (ownMember(rp, stored) !== undefined) return undefined
    run.subjectType = st
    run.subjectId = sid
    run.resourceType = rt
    run.resourceId = rid
    run.subjectProperties = sp
    run.resourceProperties = rp
    run.context = cx
    run.isSubjectSent = sp !== NOTHING
    run.isResourceSent = rp !== NOTHING
    run.hasSentParents = hasParents
    run.subjectNode = undefined
    run.resourceNode = undefined
    run.clock = options.now
    return plan.decide(run, sp, rp, ap, cx, sid, rid)
  }

  function readRoles(sent: unknown, { subject }: Plan): boolean {
    if (!Array.isArray(sent) || subject.hasStoredRoles) return false
    const read: number[] = []
    for (const name of sent) {
      const site = typeof name === 'string' ? roles.sites.get(name) : undefined
      if (site === undefined || site.isConditional) return false
      read.push(site.index)
    }
    run.sentRoles = read
    return true
  }

  return (request, options) => {
    // A store or a clock that asks for a decision itself is answered by the reference: this one is under way.
    if (isBusy || !isOrdinary(options) || !isObject(request) || isPolluted()) return undefined
    const next = options.entities ?? EMPTY_STORE
    if (next !== store || next.version !== version) openStore(next)
    isBusy = true
    run.sentRoles = NO_ROLES
    run.instant = undefined
    run.flipsAt = Number.POSITIVE_INFINITY
    run.isUnbounded = false
    run.steps = 0
    try {
      const answer = decide(request, options)
      if (options.sharedSteps !== undefined) options.sharedSteps.left -= run.steps + BASE_STEPS
      return answer
    } catch (error) {
      if (error === LEAVE) return undefined
      throw error
    } finally {
      isBusy = false
    }
  }
}

/** What a decision counts at least, of steps that several share. */
const BASE_STEPS = 4

interface Plan {
  readonly decide: PlanFunction
  readonly subject: TypeGuard
  readonly resource: TypeGuard
}

/** What a request may say of an entity of a type without being looked at more closely. */
interface TypeGuard {
  readonly stored: readonly string[]
  readonly isParentInside: boolean
  readonly isRoleInside: boolean
  readonly hasStoredParents: boolean
  readonly hasStoredRoles: boolean
}

function guardOf({ schema, attributes }: LinkedType): TypeGuard {
  return {
    stored: schema.attributes.filter(({ isStored }) => isStored).map(({ name }) => name),
    isParentInside: !attributes.has('parents'),
    isRoleInside: !attributes.has('roles'),
    hasStoredParents: schema.hasStoredParents,
    hasStoredRoles: schema.hasStoredRoles,
  }
}

function sendsParents(entity: Shape, properties: JsonObject, guard: TypeGuard): boolean {
  return entity.parents != null || (guard.isParentInside && properties.parents != null)
}

type Shape = Readonly<Record<string, JsonObject[string] | undefined>>

function isObject(json: unknown): json is Shape {
  return typeof json === 'object' && json !== null
}

function isPlain(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
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

function createRun(linked: LinkedProgram): Run {
  return {
    subjectType: '',
    subjectId: '',
    resourceType: '',
    resourceId: '',
    subjectProperties: NOTHING,
    resourceProperties: NOTHING,
    context: NOTHING,
    isSubjectSent: false,
    isResourceSent: false,
    hasSentParents: false,
    sentRoles: NO_ROLES,
    ancestorTypes: new Map([...linked.types].map(([name, { ancestors }]) => [name, ancestors])),
    entities: createEntityView(EMPTY_STORE, new Map()),
    assignments: createAssignmentView(EMPTY_STORE, new Map(), () => [], new Set()),
    subjectNode: undefined,
    resourceNode: undefined,
    clock: undefined,
    instant: undefined,
    flipsAt: Number.POSITIVE_INFINITY,
    isUnbounded: false,
    steps: 0,
  }
}
