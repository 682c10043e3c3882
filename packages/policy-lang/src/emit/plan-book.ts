// The plans of a policy set, each made when it is first asked for, or before: one for an action, a type of resources and a
// type of subjects.
import type { LinkedAction, LinkedProgram } from '../evaluate/link.ts'
import type { Answer } from '../model/answer.ts'
import type { QuestionKind } from '../model/question-kind.ts'
import { ruleIdAt } from '../program/rule-access.ts'
import type { FunctionMaker } from './compile-js.ts'
import { type EmittedPlan, emitPlan } from './emit-plan.ts'
import { createRoleEmitter } from './emit-role.ts'
import { createTypeCursor } from './entity-view.ts'
import { FORMS } from './forms.ts'
import type { RoleIndex } from './role-query.ts'
import { arrangeRules } from './rule-family.ts'
import type { RoleEmitter } from './site.ts'

export interface Plan extends EmittedPlan {
  readonly resourceType: string
  readonly action: string
  readonly subjectType: string
  /** Plans of other types of subjects. */
  readonly others: Map<string, Plan>
  /** Whether a decision came to it, or an answer by roles: one that was made before may never be needed. */
  isAsked: boolean
  isAskedByRole: boolean
}

export interface PlanBookOptions {
  readonly linked: LinkedProgram
  readonly roles: RoleIndex
  readonly maker: FunctionMaker
  /** The denial by no rule. */
  readonly denied: Answer
  /** Rules of an action by their index in the Program. */
  readonly select: (action: LinkedAction) => readonly number[]
  /** Plans of an effect with more rules are tables. */
  readonly maxWritten: number
}

/** `undefined` where the policy knows no such types or action: that is the reference's to say. */
export type FindPlan = (resourceType: string, action: string, subjectType: string) => Plan | undefined

export interface PlanBook {
  readonly find: FindPlan
  /** What was asked about lately: here, or before this book was begun. */
  readonly inUse: () => readonly QuestionKind[]
  /** Makes the plans of such questions, step by step. They count as in use before, however far it gets. */
  readonly prepare: (kinds: readonly QuestionKind[]) => Generator<undefined, void>
}

const FEW_PLANS = 8
/** Each that is written out has code of its own; the code of tables is shared. */
const MAX_WRITTEN_PLANS = 64
/** Kinds of questions that are remembered, and how many policy sets long one is that does not come again. */
const MAX_IN_USE = 4096
const MAX_AGE = 8
/** Rules that are taken in at a step. */
const STEP_RULES = 500

export function createPlanBook(options: PlanBookOptions): PlanBook {
  const { linked, roles, maker, denied, select, maxWritten } = options
  // By what the policy set says, and not by what was asked before: which of several rules an answer names rests on it.
  const hasManyPlans = countPlans(linked) > MAX_WRITTEN_PLANS
  const plans = new Map<string, Map<string, Plan>>()
  const plansOf = createTypeCursor(plans)
  /** All plans, while they are few: comparing names costs less than looking them up. */
  let first: Plan[] = []
  let planCount = 0
  const emitters = new Map<string, RoleEmitter>()
  /** In use before. */
  let inherited: readonly QuestionKind[] = []

  function findPlan(resourceType: string, action: string, subjectType: string): Plan | undefined {
    for (let index = 0; index < first.length; index += 1) {
      const plan = first[index] as Plan
      if (plan.action === action && plan.resourceType === resourceType && plan.subjectType === subjectType) {
        return plan
      }
    }
    return findMade(resourceType, action, subjectType) ?? makePlan(resourceType, action, subjectType)
  }

  function findMade(resourceType: string, action: string, subjectType: string): Plan | undefined {
    // Most actions are asked about by subjects of one type.
    const plan = plansOf(resourceType)?.get(action)
    return plan?.subjectType === subjectType ? plan : plan?.others.get(subjectType)
  }

  function makePlan(resourceType: string, actionName: string, subjectType: string): Plan | undefined {
    const resource = linked.types.get(resourceType)
    const subject = linked.types.get(subjectType)
    const action = resource?.actions.get(actionName)
    if (!subject?.schema.isSubject || !resource?.schema.isResource || action === undefined) return undefined
    const emitter = emitters.get(subjectType) ?? createRoleEmitter(linked, roles, subject, maker, FORMS)
    emitters.set(subjectType, emitter)
    const rules = arrangeRules(select(action), { subject, linked, maxWritten })
    const setup = {
      linked,
      roles,
      emitter,
      maker,
      subject,
      resource,
      actionName,
      action,
      rules,
      maxWritten,
      hasManyPlans,
      denied,
    }
    const plan: Plan = {
      resourceType,
      action: actionName,
      subjectType,
      others: new Map(),
      isAsked: false,
      isAskedByRole: false,
      ...emitPlan(setup, (rule) => ruleIdAt(linked.program, rule)),
    }
    planCount += 1
    first = planCount <= FEW_PLANS ? [...first, plan] : []
    const ofResource = plans.get(resourceType) ?? new Map<string, Plan>()
    const known = ofResource.get(actionName)
    plans.set(resourceType, ofResource)
    if (known === undefined) ofResource.set(actionName, plan)
    else known.others.set(subjectType, plan)
    return plan
  }

  function inUse(): readonly QuestionKind[] {
    const kinds: QuestionKind[] = []
    for (const ofResource of plans.values()) {
      for (const first of ofResource.values()) {
        for (const plan of [first, ...first.others.values()]) {
          if (plan.isAsked || plan.isAskedByRole) kinds.push(toKind(plan))
        }
      }
    }
    for (const kind of inherited) {
      const plan = findMade(kind.resourceType, kind.action, kind.subjectType)
      const isAsked = plan !== undefined && (plan.isAsked || plan.isAskedByRole)
      if (!isAsked && kind.age < MAX_AGE) kinds.push({ ...kind, age: kind.age + 1 })
    }
    return kinds.slice(0, MAX_IN_USE)
  }

  function prepare(kinds: readonly QuestionKind[]): Generator<undefined, void> {
    inherited = kinds.slice(0, MAX_IN_USE)
    return makeInherited()
  }

  function* makeInherited(): Generator<undefined, void> {
    for (const { resourceType, action, subjectType, isByRole } of inherited) {
      const plan = findPlan(resourceType, action, subjectType)
      yield
      if (plan === undefined) continue
      for (const buckets of plan.buckets) while (buckets.fill(STEP_RULES)) yield
      if (isByRole) plan.byRole()
    }
  }

  return { find: findPlan, inUse, prepare }
}

function toKind({ resourceType, action, subjectType, isAskedByRole }: Plan): QuestionKind {
  return { resourceType, action, subjectType, isByRole: isAskedByRole, age: 0 }
}

/** All that there can be. */
function countPlans({ types }: LinkedProgram): number {
  let [actions, subjects] = [0, 0]
  for (const { schema } of types.values()) {
    actions += schema.actions.length
    if (schema.isSubject) subjects += 1
  }
  return actions * subjects
}
