// The plans of a policy set, each made when it is first asked for: one for an action, a type of resources and a type of
// subjects.
import type { LinkedAction, LinkedProgram } from '../evaluate/link.ts'
import type { Answer } from '../model/answer.ts'
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

const FEW_PLANS = 8

export function createPlanBook(options: PlanBookOptions): FindPlan {
  const { linked, roles, maker, denied, select, maxWritten } = options
  const plans = new Map<string, Map<string, Plan>>()
  const plansOf = createTypeCursor(plans)
  /** All plans, while they are few: comparing names costs less than looking them up. */
  let first: Plan[] = []
  let planCount = 0
  const texts = new Set<string>()
  const emitters = new Map<string, RoleEmitter>()

  function findPlan(resourceType: string, action: string, subjectType: string): Plan | undefined {
    for (let index = 0; index < first.length; index += 1) {
      const plan = first[index] as Plan
      if (plan.action === action && plan.resourceType === resourceType && plan.subjectType === subjectType) {
        return plan
      }
    }
    // Most actions are asked about by subjects of one type.
    const plan = plansOf(resourceType)?.get(action)
    if (plan?.subjectType === subjectType) return plan
    return plan?.others.get(subjectType) ?? makePlan(resourceType, action, subjectType)
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
      texts,
      maxWritten,
      denied,
    }
    const plan: Plan = {
      resourceType,
      action: actionName,
      subjectType,
      others: new Map(),
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

  return findPlan
}
