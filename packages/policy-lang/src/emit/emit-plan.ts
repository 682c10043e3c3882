// All rules of one action, resource type and subject type → one function from a request to its answer.
// Denies come first; rules without duties come before those with, and end the walk where nothing else can speak.
import type { LinkedAction, LinkedProgram, LinkedType } from '../evaluate/link.ts'
import type { Answer } from '../model/answer.ts'
import type { JsonObject } from '../model/request.ts'
import type { Code } from '../program/program.ts'
import { createPlanAnswers, MAX_DUTY_RULES, type PlanAnswers } from './answers.ts'
import type { FunctionMaker } from './compile-js.ts'
import { emitGuards } from './emit-guards.ts'
import { FORMS } from './forms.ts'
import type { FastOutcome } from './outcome.ts'
import { hasDuties, isByAssignment, type PlanRule } from './plan-rule.ts'
import type { RoleIndex } from './role-query.ts'
import { indexRules, type KeyedRule, type KeyedRules } from './rule-index.ts'
import type { RequestEntity, Run } from './run.ts'
import { failureOf, NoFastForm, type RoleEmitter, type Site, singleType } from './site.ts'
import { createWriter, type Writer } from './writer.ts'

export type PlanFunction = (
  run: Run,
  subject: RequestEntity,
  resource: RequestEntity,
  sp: JsonObject,
  rp: JsonObject,
  ap: JsonObject,
  cx: JsonObject,
) => Answer

/** One rule, with its constants in a table: rules that differ in constants alone share `test`. */
interface TabledRule {
  readonly index: number
  /** `undefined`: it asks for nothing more. */
  readonly test: RuleTest | undefined
  readonly constants: readonly unknown[]
}

type RuleTest = (
  run: Run,
  sp: JsonObject,
  rp: JsonObject,
  ap: JsonObject,
  cx: JsonObject,
  sid: string,
  rid: string,
  constants: readonly unknown[],
) => FastOutcome

const PARAMETERS = ['run', 'sp', 'rp', 'ap', 'cx', 'sid', 'rid']
const PLAN_PARAMETERS = ['run', 'subject', 'resource', 'sp', 'rp', 'ap', 'cx']
const ARGUMENTS = PARAMETERS.join(', ')
/** Rules of a plan that are written out one after the other; more of them are walked in tables. */
const MAX_WRITTEN = 24
/** Plans whose text is their own; later ones walk tables, whose code all share. */
const MAX_TEXTS = 256
/** With fewer grants to roles, each role is asked for by itself. */
const MIN_ROLE_TABLE = 2

export interface PlanSetup {
  readonly linked: LinkedProgram
  readonly roles: RoleIndex
  readonly emitter: RoleEmitter
  readonly maker: FunctionMaker
  readonly subject: LinkedType
  readonly resource: LinkedType
  readonly actionName: string
  readonly action: LinkedAction
  readonly rules: readonly PlanRule[]
}

export function emitPlan(setup: PlanSetup): PlanFunction {
  const { rules, linked, maker } = setup
  const dutyRules = rules.filter(hasDuties)
  const answers = createPlanAnswers(rules, dutyRules, linked.program.policyVersion)
  const writer = createWriter()
  const plan: Plan = { setup, writer, dutyRules, answers, conclude: writer.constant(answers.conclude) }
  emitGuards(setup, writer)
  const silentAfter = (effect: string): boolean =>
    !rules.some((rule) => rule.isAfter && rule.effect === effect)

  writer.line('let D = -1, A = -1, F = 0, M = 0;')
  emitPhase(plan, 'deny', silentAfter('deny'))
  writer.line('if (D !== -1) {')
  writer.nested(() => emitAfter(plan, 'deny'))
  writer.line(`return ${plan.conclude}(run, 'deny', D, M);`)
  writer.line('}')

  emitPhase(plan, 'allow', silentAfter('allow'))
  writer.line('if (A !== -1) {')
  writer.nested(() => emitAfter(plan, 'allow'))
  writer.line(`return ${plan.conclude}(run, 'allow', A, M);`)
  writer.line('}')

  // An allow that failed is reported: the reference says how.
  writer.line('if (F !== 0) throw LEAVE;')
  emitAfter(plan, 'deny')
  const isSilent = silentAfter('deny')
  writer.line(isSilent ? concludeJs(plan, 'deny', '-1') : `return ${plan.conclude}(run, 'deny', -1, M);`)
  const { body, constants } = writer.finish()
  return maker.make<PlanFunction>(PLAN_PARAMETERS, body, constants)
}

interface Plan {
  readonly setup: PlanSetup
  readonly writer: Writer
  readonly dutyRules: readonly PlanRule[]
  readonly answers: PlanAnswers
  readonly conclude: string
}

type Effect = 'allow' | 'deny'

function siteOf(
  { linked, roles, emitter, subject, resource, actionName, action }: PlanSetup,
  writer: Writer,
): Site {
  return {
    linked,
    roles,
    emitter,
    writer,
    subject,
    resource: { type: resource, isRoot: true },
    action: { name: actionName, parameters: action.parameters },
    variables: new Map(),
    forms: FORMS,
  }
}

/** Rules of one effect, `after` rules left out. */
function emitPhase(plan: Plan, effect: Effect, isSilentAfter: boolean): void {
  const { rules } = plan.setup
  const indices = rules.flatMap((rule, index) => (rule.effect === effect && !rule.isAfter ? [index] : []))
  const silent = indices.filter((index) => !hasDuties(rules[index] as PlanRule))
  const speaking = indices.filter((index) => hasDuties(rules[index] as PlanRule))
  const isTerminal = isSilentAfter && speaking.length === 0
  emitRules(plan, effect, silent, isTerminal)
  for (const index of speaking) emitWritten(plan, effect, index, false)
}

function emitRules(plan: Plan, effect: Effect, indices: readonly number[], isTerminal: boolean): void {
  const { setup } = plan
  const { rules, linked, roles } = setup
  const isTabled = (index: number): boolean => {
    const rule = rules[index]
    const role = rule?.role
    return (
      rule !== undefined &&
      role !== undefined &&
      !rule.isParameterised &&
      rule.conjuncts.length === 1 &&
      !roles.isRecursive(role) &&
      isByAssignment(role, linked, roles)
    )
  }
  const byRole = indices.filter(isTabled)
  const isRoleTable = byRole.length >= MIN_ROLE_TABLE
  const rest = isRoleTable ? indices.filter((index) => !isTabled(index)) : indices
  const isCrowded = rest.length > MAX_WRITTEN || setup.maker.count() > MAX_TEXTS
  const { keyed, others } = isCrowded
    ? indexRules(rules, rest)
    : { keyed: [], others: rest.map((index) => ({ index })) }
  const written = setup.maker.count() > MAX_TEXTS || others.length > MAX_WRITTEN ? [] : others
  const walked = written.length > 0 ? [] : others
  for (const { index } of written) emitWritten(plan, effect, index, isTerminal)
  if (isRoleTable) emitRoleTable(plan, effect, byRole, isTerminal)
  for (const group of keyed) emitKeyed(plan, effect, group, isTerminal)
  if (walked.length > 0)
    emitWalked(
      plan,
      effect,
      walked.map(({ index }) => index),
      isTerminal,
    )
}

/** What follows where a rule matches: an answer where nothing else can speak, else a note. */
function settleJs(plan: Plan, effect: Effect, index: string, isTerminal: boolean): string {
  if (isTerminal) return concludeJs(plan, effect, index)
  const found = effect === 'deny' ? 'D' : 'A'
  return `if (${found} === -1) ${found} = ${index};`
}

/** The answer without duties. One that touched neither clock nor store is the same each time. */
function concludeJs({ writer, answers, conclude }: Plan, effect: Effect, rule: string): string {
  const answer = /^-?\d+$/.test(rule) ? writer.constant(answers.plain(effect, Number(rule))) : undefined
  const concluded = `${conclude}(run, '${effect}', ${rule}, 0)`
  return `return ${answer === undefined ? concluded : `run.isTouched ? ${concluded} : ${answer}`};`
}

/** One rule, written out. */
function emitWritten(plan: Plan, effect: Effect, index: number, isTerminal: boolean): void {
  const { writer, setup, dutyRules } = plan
  const rule = setup.rules[index]
  if (rule === undefined) return
  const isNoted = !hasDuties(rule)
  const skip = isNoted && !isTerminal ? `if (${effect === 'deny' ? 'D' : 'A'} === -1) ` : ''
  const label = writer.local('R')
  writer.line(`${skip}${label}: {`)
  writer.nested(() => {
    emitConjunction(plan, rule, effect, `break ${label};`)
    if (!isNoted) writer.line(dutyJs(rule, dutyRules))
    writer.line(settleJs(plan, effect, String(index), isTerminal))
  })
  writer.line('}')
}

/** Duties that are spelt out each time, or of too many rules, are the reference's. */
function dutyJs(rule: PlanRule, dutyRules: readonly PlanRule[]): string {
  const bit = dutyRules.indexOf(rule)
  return rule.duties === undefined || bit >= MAX_DUTY_RULES ? 'throw LEAVE;' : `M |= ${1 << bit};`
}

/** Leaves by `exit` where the rule is false. A failed allow cannot match; a failed deny does, and is reported. */
function emitConjunction(plan: Plan, rule: PlanRule, effect: Effect, exit: string): void {
  const { setup, writer } = plan
  const site = siteOf(setup, writer)
  const onFailed = effect === 'allow' && !rule.isAfter ? `{ F = 1; ${exit} }` : 'failed = 1;'
  if (onFailed === 'failed = 1;') writer.line('let failed = 0;')
  emitParameterGuard(rule, site, exit)
  for (const code of rule.conjuncts) {
    if (!tryEmit(() => emitConjunct(code, site, exit, onFailed), writer)) break
  }
  if (onFailed === 'failed = 1;') writer.line('if (failed === 1) throw LEAVE;')
}

/** A role with parameters is held by assignment alone: where there may be one, the reference reads it. */
function emitParameterGuard(rule: PlanRule, site: Site, exit: string): void {
  if (!rule.isParameterised || rule.role === undefined) return
  const query = site.writer.constant(site.emitter.queryOf([[rule.role, 0]]))
  const type = site.writer.constant(site.resource.type.schema.name)
  const tag = site.writer.local('t')
  site.writer.line(`const ${tag} = h.findHeld(run, ${query}, ${type}, rid);`)
  site.writer.line(`if (${tag} === -1) ${exit}`)
  site.writer.line('throw LEAVE;')
}

function emitConjunct(code: Code, site: Site, exit: string, onFailed: string): void {
  const { yes, failed } = FORMS.test(code, site)
  if (failed === undefined) site.writer.line(`if (!(${yes})) ${exit}`)
  else site.writer.line(`if (${failed}) ${onFailed} else if (!(${yes})) ${exit}`)
}

/** What has no fast form is the reference's, once the decision comes to it. */
function tryEmit(emit: () => void, writer: Writer): boolean {
  const mark = writer.mark()
  try {
    emit()
    return true
  } catch (error) {
    if (!(error instanceof NoFastForm)) throw error
    writer.rewind(mark)
    writer.line('throw LEAVE;')
    return false
  }
}

function emitAfter(plan: Plan, effect: Effect): void {
  const { writer, setup, dutyRules } = plan
  for (const rule of setup.rules) {
    if (!rule.isAfter || rule.effect !== effect) continue
    const label = writer.local('R')
    writer.line(`${label}: {`)
    writer.nested(() => {
      emitConjunction(plan, rule, effect, `break ${label};`)
      if (hasDuties(rule)) writer.line(dutyJs(rule, dutyRules))
    })
    writer.line('}')
  }
}

/** Grants to roles: the subject's roles lead to the rule, however many rules there are. */
function emitRoleTable(plan: Plan, effect: Effect, indices: readonly number[], isTerminal: boolean): void {
  const { writer, setup } = plan
  const asked = indices.map((index) => [setup.rules[index]?.role ?? '', index] as const)
  const query = writer.constant(setup.emitter.queryOf(asked))
  const tag = writer.local('t')
  const type = writer.constant(setup.resource.schema.name)
  writer.line(`const ${tag} = h.findHeld(run, ${query}, ${type}, rid);`)
  writer.line(`if (${tag} >= 0) { ${settleJs(plan, effect, tag, isTerminal)} }`)
  writer.line(`else if (${tag} === -2) ${effect === 'allow' ? 'F = 1;' : 'throw LEAVE;'}`)
}

function emitKeyed(plan: Plan, effect: Effect, group: KeyedRules, isTerminal: boolean): void {
  const { writer, setup } = plan
  const site = siteOf(setup, writer)
  const isEmitted = tryEmit(() => {
    const key = FORMS.value(group.key, site)
    const buckets = new Map<unknown, readonly TabledRule[]>()
    for (const [value, bucket] of rekey(group.buckets, singleType(key.type))) {
      buckets.set(
        value,
        bucket.map((rule) => tableRule(rule, setup)),
      )
    }
    const found = writer.local('b')
    const failed = failureOf(key)
    // Below a key that is not known no allow can match; each deny is then decided by its full condition.
    if (failed !== undefined)
      writer.line(`if (${failed}) { ${effect === 'allow' ? 'F = 1;' : 'throw LEAVE;'} } else {`)
    else writer.line('{')
    writer.line(`const ${found} = ${writer.constant(buckets)}.get(${key.js});`)
    writer.line(`if (${found} !== undefined) {`)
    emitWalk(plan, effect, found, isTerminal)
    writer.line('}')
    writer.line('}')
  }, writer)
  if (!isEmitted) return
}

/** Entities are found by their id, where the key can only be of their type. */
function rekey(
  buckets: ReadonlyMap<unknown, readonly KeyedRule[]>,
  type: string | undefined,
): ReadonlyMap<unknown, readonly KeyedRule[]> {
  if (type === undefined) return buckets
  const prefix = `${type.length}:${type}`
  return new Map(
    [...buckets].flatMap(([value, bucket]) =>
      typeof value === 'string' && value.startsWith(prefix)
        ? [[value.slice(prefix.length), bucket] as const]
        : [],
    ),
  )
}

function emitWalked(plan: Plan, effect: Effect, indices: readonly number[], isTerminal: boolean): void {
  const { writer, setup } = plan
  const table = indices.flatMap((index) => {
    const rule = setup.rules[index]
    return rule === undefined ? [] : [tableRule({ index, rule, rest: rule.conjuncts }, setup)]
  })
  emitWalk(plan, effect, writer.constant(table), isTerminal)
}

/** Rules in a table, one after the other. */
function emitWalk(plan: Plan, effect: Effect, table: string, isTerminal: boolean): void {
  const { writer } = plan
  const rule = writer.local('r')
  const outcome = writer.local('o')
  writer.line(`for (const ${rule} of ${table}) {`)
  const call = `${rule}.test === undefined ? 1 : ${rule}.test(${ARGUMENTS}, ${rule}.constants)`
  writer.line(`const ${outcome} = ${call};`)
  const stop = isTerminal ? '' : ' break;'
  writer.line(`if (${outcome} === 1) { ${settleJs(plan, effect, `${rule}.index`, isTerminal)}${stop} }`)
  writer.line(`if (${outcome} === 2) ${effect === 'allow' ? 'F = 1;' : 'throw LEAVE;'}`)
  writer.line('}')
}

/** INVARIANT: nothing in the text of the function tells its rule from others of the same shape. */
function tableRule({ index, rule, rest }: KeyedRule, setup: PlanSetup): TabledRule {
  if (rest.length === 0 && !rule.isParameterised) return { index, test: undefined, constants: [] }
  const writer = createWriter()
  const site = siteOf(setup, writer)
  writer.line('let failed = 0;')
  emitParameterGuard(rule, site, 'return 0;')
  for (const code of rest) {
    if (!tryEmit(() => emitConjunct(code, site, 'return 0;', 'failed = 1;'), writer)) break
  }
  writer.line('return failed === 1 ? 2 : 1;')
  const { body, constants } = writer.finish()
  return { index, test: setup.maker.makeShared<RuleTest>(PARAMETERS, body, constants.length), constants }
}
