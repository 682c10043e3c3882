// All rules of one action, resource type and subject type → one function from a request to its answer.
// Denies come first; a rule without duties ends the walk where nothing else can speak.
import type { Answer } from '../model/answer.ts'
import type { JsonObject } from '../model/request.ts'
import { createPlanAnswers, MAX_DUTY_RULES } from './answers.ts'
import type { RoleAnswers } from './answers-by-role.ts'
import type { Emitted } from './compile-js.ts'
import type { SelectRules } from './decide-narrowly.ts'
import { emitGuards } from './emit-guards.ts'
import { emitTables, roleOf, toSingleFamily } from './emit-tables.ts'
import { hasDuties, type PlanRule } from './plan-rule.ts'
import {
  concludeRuleJs,
  type Effect,
  emitConjunct,
  emitOrLeave,
  foundJs,
  noteJs,
  numberJs,
  type PlanSetup,
  type PlanWriter,
  siteOf,
} from './plan-writer.ts'
import type { RuleBuckets } from './rule-buckets.ts'
import type { RequestEntity, Run } from './run.ts'
import type { Site } from './site.ts'
import { createWriter } from './writer.ts'

export type PlanFunction = Emitted<
  (
    run: Run,
    subject: RequestEntity,
    resource: RequestEntity,
    sp: JsonObject,
    rp: JsonObject,
    ap: JsonObject,
    cx: JsonObject,
    k: readonly unknown[],
  ) => Answer
>

export interface EmittedPlan {
  readonly decide: PlanFunction
  /** Of a crowded plan: how the rules are found that can matter to what it leaves to the reference. */
  readonly selections: readonly SelectRules[] | undefined
  /** What finds its rules by a key, filled once somebody asks. */
  readonly buckets: readonly RuleBuckets[]
  /** Of a plan that asks for roles and for nothing else. */
  readonly byRole: () => RoleAnswers | undefined
}

const PARAMETERS = ['run', 'subject', 'resource', 'sp', 'rp', 'ap', 'cx']

/** @param idOf the id of a rule by the number that the plan counts it by */
export function emitPlan(setup: PlanSetup, idOf: (rule: number) => string): EmittedPlan {
  const draft = setup.maker.begin()
  const single = [...setup.rules.single]
  const dutyRules = single.map(([, rule]) => rule).filter(hasDuties)
  const answers = createPlanAnswers(idOf, dutyRules, setup.denied)
  const writer = createWriter(draft.constantJs)
  const plan: PlanWriter = {
    setup,
    writer,
    dutyRules,
    answers,
    conclude: writer.constant(answers.conclude),
    selections: [() => [...setup.rules.single.keys()]],
    buckets: [],
  }
  const isSilentAfter = (effect: Effect): boolean =>
    !single.some(([, rule]) => rule.isAfter && rule.effect === effect)
  emitGuards(setup, writer)
  writer.line('let D = -1, A = -1, F = 0, M = 0;')
  for (const effect of ['deny', 'allow'] as const) {
    emitPhase(plan, effect, isSilentAfter(effect))
    writer.line(`if (${foundJs(effect)} !== -1) {`)
    writer.nested(() => emitAfter(plan, effect))
    writer.line(`return ${plan.conclude}(run, '${effect}', ${foundJs(effect)}, M);`)
    writer.line('}')
  }
  // An allow that failed is reported: the reference says how.
  writer.line('if (F !== 0) throw LEAVE;')
  emitAfter(plan, 'deny')
  const isDefaultPlain = isSilentAfter('deny')
  writer.line(
    isDefaultPlain ? concludeRuleJs(plan, 'deny', -1) : `return ${plan.conclude}(run, 'deny', -1, M);`,
  )
  const { body, constants } = writer.finish()
  const decide = draft.finish<PlanFunction['code']>(PARAMETERS, body, constants)
  return {
    decide,
    selections: setup.rules.families.length === 0 ? undefined : plan.selections,
    buckets: plan.buckets,
    byRole: remember(() => findRoleAnswers(plan)),
  }
}

/** Made when it is first asked for: few policy sets ask. */
function remember<T>(make: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => {
    known ??= { value: make() }
    return known.value
  }
}

/** What the plan comes to by roles that count everywhere, where its rules ask for a role and for nothing else. */
function findRoleAnswers({ setup, answers }: PlanWriter): RoleAnswers | undefined {
  const { single, families } = setup.rules
  const grants = [...families, ...[...single].map(([number, rule]) => toSingleFamily(number, rule))]
  const asked = grants.map((family) => roleOf(family, setup))
  const isPlain =
    grants.every(({ effect }) => effect === 'allow') &&
    [...single.values()].every((rule) => !(rule.isAfter || hasDuties(rule) || rule.isParameterised)) &&
    setup.subject !== setup.resource
  const named = asked.filter((role) => role !== undefined)
  if (!isPlain || named.length < asked.length) return undefined
  const question = setup.emitter.ask(
    named.map((role, place) => [role, place]),
    setup.resource.schema.name,
  )
  // What is not known of entities above makes rules fail.
  if (question.typesAbove.length > 0) return undefined
  const { roles } = question.query.here
  return {
    allowedBy(role) {
      const [first] = grants[roles.get(role) ?? -1]?.numbers ?? []
      return first === undefined ? undefined : answers.plain('allow', first)
    },
    otherwise: setup.denied,
    takesSentRoles: !setup.subject.schema.hasStoredRoles,
  }
}

/** Rules of one effect, `after` rules left out: in the order of their ids, as far as they are written out. */
function emitPhase(plan: PlanWriter, effect: Effect, isSilentAfter: boolean): void {
  const { setup } = plan
  const ofEffect = [...setup.rules.single].filter(([, rule]) => rule.effect === effect && !rule.isAfter)
  const isTerminal = isSilentAfter && !ofEffect.some(([, rule]) => hasDuties(rule))
  const isTabled = (rule: PlanRule): boolean => !hasDuties(rule) && !rule.isParameterised
  // By all rules of the plan: a few denies among many allows are told apart by the same key.
  const count = setup.rules.families.reduce(
    (sum, { numbers }) => sum + numbers.length,
    setup.rules.single.size,
  )
  const isCrowded = count > setup.maxWritten || setup.hasManyPlans
  const isGrant = (rule: PlanRule): boolean => isTabled(rule) && roleOf(rule, setup) !== undefined
  const isMoved = (rule: PlanRule): boolean => (isCrowded ? isTabled(rule) : isGrant(rule))
  const written = ofEffect.filter(([, rule]) => !isMoved(rule))
  const tabled = ofEffect.filter(([, rule]) => isMoved(rule))
  for (const [number, rule] of written) emitWritten(plan, number, rule, isTerminal)
  const families = [...setup.rules.families, ...tabled.map(([number, rule]) => toSingleFamily(number, rule))]
  const rules = { ...setup.rules, families }
  emitTables({ ...plan, setup: { ...setup, rules } }, effect, isTerminal)
}

/** One rule, written out. */
function emitWritten(plan: PlanWriter, number: number, rule: PlanRule, isTerminal: boolean): void {
  const { writer, dutyRules } = plan
  const isNoted = !hasDuties(rule)
  const skip = isNoted && !isTerminal ? `if (${foundJs(rule.effect)} === -1) ` : ''
  const label = writer.local('R')
  writer.line(`${skip}${label}: {`)
  writer.nested(() => {
    emitConjunction(plan, rule, `break ${label};`)
    if (!isNoted) writer.line(dutyJs(rule, dutyRules))
    if (isTerminal) writer.line(concludeRuleJs(plan, rule.effect, number))
    else writer.line(noteJs(rule.effect, numberJs(number, writer)))
  })
  writer.line('}')
}

/** Duties that are spelt out each time, or of too many rules, are the reference's. */
function dutyJs(rule: PlanRule, dutyRules: readonly PlanRule[]): string {
  const bit = dutyRules.indexOf(rule)
  return rule.duties === undefined || bit >= MAX_DUTY_RULES ? 'throw LEAVE;' : `M |= ${1 << bit};`
}

/** Leaves by `exit` where the rule is false. A failed allow cannot match; a failed deny does, and is reported. */
function emitConjunction({ setup, writer }: PlanWriter, rule: PlanRule, exit: string): void {
  const site = siteOf(setup, writer)
  const isDropped = rule.effect === 'allow' && !rule.isAfter
  const onFailed = isDropped ? `{ F = 1; ${exit} }` : 'failed = 1;'
  if (!isDropped) writer.line('let failed = 0;')
  emitParameterGuard(rule, site, exit)
  for (const code of rule.conjuncts) {
    if (!emitOrLeave(() => emitConjunct(code, site, exit, onFailed), writer)) break
  }
  if (!isDropped) writer.line('if (failed === 1) throw LEAVE;')
}

/** A role with parameters is held by assignment alone: where there may be one, the reference reads it. */
function emitParameterGuard(rule: PlanRule, { writer, emitter, resource }: Site, exit: string): void {
  if (!rule.isParameterised || rule.role === undefined) return
  const question = writer.constant(emitter.ask([[rule.role, 0]], resource.type.schema.name))
  const tag = writer.local('t')
  writer.line(`const ${tag} = h.findHeld(run, ${question}, rid);`)
  writer.line(`if (${tag} === -1) ${exit}`)
  writer.line('throw LEAVE;')
}

function emitAfter(plan: PlanWriter, effect: Effect): void {
  const { writer, setup, dutyRules } = plan
  for (const rule of setup.rules.single.values()) {
    if (!rule.isAfter || rule.effect !== effect) continue
    const label = writer.local('R')
    writer.line(`${label}: {`)
    writer.nested(() => {
      emitConjunction(plan, rule, `break ${label};`)
      if (hasDuties(rule)) writer.line(dutyJs(rule, dutyRules))
    })
    writer.line('}')
  }
}
