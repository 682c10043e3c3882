// Rules to a decision in its full form: every rule for the action and type is looked at.
import type {
  Duty,
  Expression,
  NameList,
  PolicyFile,
  Who,
} from '../../../packages/policy-lang/src/ast/nodes.ts'
import type { Reason } from '../../../packages/policy-lang/src/model/answer.ts'
import type { JsonValue } from '../../../packages/policy-lang/src/model/request.ts'
import { encode } from './encode.ts'
import { evaluate, type Scope, subjectOf } from './expressions.ts'
import { isIn, type World } from './facts.ts'
import { canonicalJson, compareText } from './order.ts'
import { type Roles, solveRoles } from './roles.ts'
import type { EntityType } from './schema.ts'
import {
  and,
  bool,
  FAILED,
  isFalse,
  isTrue,
  isValue,
  not,
  type Outcome,
  or,
  type Reference,
  reference,
} from './values.ts'

export interface FullDecision {
  readonly decision: 'allow' | 'deny'
  readonly reasons: readonly Reason[]
  readonly obligations: readonly DutyAnswer[]
  readonly advice: readonly DutyAnswer[]
  readonly errors: readonly RuleError[]
}
export interface DutyAnswer {
  readonly name: string
  readonly args: { readonly [name: string]: JsonValue }
}
export interface RuleError {
  readonly rule: string
  readonly kind: 'condition' | 'obligation' | 'advice'
}

/** A rule, or a grant for one instance of its role, with what came out. */
export interface Result {
  readonly rule: string
  /** Who may match, as written; of a grant its role. */
  readonly who: readonly Who[]
  readonly effect: 'allow' | 'deny'
  readonly isAfter: boolean
  /** One for a rule; for a grant of a role with parameters one an instance. */
  readonly runs: readonly Run[]
  /** What is left to say of a grant where its role, which has parameters, has no instance that may count. */
  readonly unheld?: Run
}
export interface Run {
  readonly conjunction: Outcome
  /** WHO, where there is one, and the parts of all clauses. */
  readonly conjuncts: readonly Outcome[]
  readonly scope: Scope
  readonly obligations: readonly DutyAnswer[]
  readonly advice: readonly DutyAnswer[]
  readonly obligationFailed: boolean
  readonly adviceFailed: boolean
}
interface Body {
  readonly clauses: readonly {
    readonly kind: 'if' | 'unless'
    readonly condition: Expression
  }[]
  readonly duties: readonly Duty[]
}

// --- applicability and ids ---

function namesAction(list: NameList, action: string, type: EntityType): boolean {
  if (list.kind === 'all') return true
  const isNamed = (name: string): boolean =>
    name === action || (type.groups.get(name)?.some(isNamed) ?? false)
  return list.names.some((each) => isNamed(each.name))
}

const namesType = (list: NameList, type: string): boolean =>
  list.kind === 'all' || list.names.some((each) => each.name === type)

const writeList = (list: NameList): string =>
  list.kind === 'all'
    ? '*'
    : list.names
        .map((each) => each.name)
        .sort(compareText)
        .join(',')

// --- one rule ---

function evaluateDuty(duty: Duty, scope: Scope): DutyAnswer | undefined {
  const args = duty.arguments.map((argument) => {
    const outcome = evaluate(argument.value, scope, false)
    return isValue(outcome) ? ([argument.name.name, encode(outcome)] as const) : undefined
  })
  if (args.some((each) => each === undefined)) return undefined
  return { name: duty.name.name, args: Object.fromEntries(args.filter((each) => each !== undefined)) }
}

/** `if a && b` has two parts, and so has `unless a || b`. */
function partsOf(condition: Expression, operator: '&&' | '||'): readonly Expression[] {
  if (condition.kind !== 'logical' || condition.operator !== operator) return [condition]
  return condition.operands.flatMap((operand) => partsOf(operand, operator))
}

function run(body: Body, who: readonly Outcome[], scope: Scope): Run {
  const clauses = body.clauses.flatMap(({ kind, condition }) =>
    partsOf(condition, kind === 'if' ? '&&' : '||').map((part) => {
      const outcome = evaluate(part, scope, false)
      return kind === 'if' ? outcome : not(outcome)
    }),
  )
  const all = body.duties.map((duty) => ({ kind: duty.kind, answer: evaluateDuty(duty, scope) }))
  const of = (kind: 'obligate' | 'advise') =>
    all.filter((each) => each.kind === kind).map((each) => each.answer)
  return {
    conjunction: and([...who, ...clauses]),
    conjuncts: [...who, ...clauses],
    scope,
    obligations: of('obligate').filter((each) => each !== undefined),
    advice: of('advise').filter((each) => each !== undefined),
    obligationFailed: of('obligate').includes(undefined),
    adviceFailed: of('advise').includes(undefined),
  }
}

/** One outcome, or none where nobody is named. */
function evaluateWho(
  who: readonly Who[],
  world: World,
  roles: Roles,
  resource: Reference,
): readonly Outcome[] {
  if (who.length === 0) return []
  const subject = subjectOf(world)
  const any = or(
    who.map((each) => {
      if (each.kind === 'anyone') return bool(true)
      if (each.kind === 'entity') return isIn(world, subject, reference(each.type.name, each.id))
      const isRole =
        each.qualifier === 'role' || (each.qualifier !== 'type' && world.schema.roles.has(each.name.name))
      return isRole ? roles.ask(each.name.name, resource, false) : bool(subject.type === each.name.name)
    }),
  )
  return [any]
}

function runRules(world: World, roles: Roles, resource: Reference, type: EntityType): readonly Result[] {
  const scope: Scope = { world, askRole: roles.ask, resource, names: new Map() }
  return world.schema.rules
    .filter((rule) => namesType(rule.types, resource.type))
    .filter((rule) => namesAction(rule.actions, world.request.action.name, type))
    .map((rule) => ({
      rule: rule.name.name,
      who: rule.who,
      effect: rule.effect,
      isAfter: rule.isAfter,
      runs: [run(rule, evaluateWho(rule.who, world, roles, resource), scope)],
    }))
}

function runGrants(world: World, roles: Roles, resource: Reference, type: EntityType): readonly Result[] {
  const base: Scope = { world, askRole: roles.ask, resource, names: new Map() }
  const seen = new Map<string, number>()
  const results: Result[] = []
  for (const [name, role] of world.schema.roles) {
    for (const grant of role.grants) {
      const id = `${name}.${writeList(grant.actions)}.${writeList(grant.types)}`
      const count = (seen.get(id) ?? 0) + 1
      seen.set(id, count)
      if (!namesType(grant.types, resource.type)) continue
      if (!namesAction(grant.actions, world.request.action.name, type)) continue
      const runs =
        role.parameters.size === 0
          ? [run(grant, [roles.ask(name, resource, false)], base)]
          : roles.instancesOn(name, resource).map(({ truth, parameters }) => {
              const names = new Map([...parameters].map(([key, outcome]) => [key, { outcome }]))
              return run(grant, [truth], { ...base, names })
            })
      const unreadable = new Map([...role.parameters.keys()].map((key) => [key, { outcome: FAILED }]))
      results.push({
        rule: count === 1 ? id : `${id}#${count}`,
        who: [{ kind: 'whoName', qualifier: 'role', name: { name, span: grant.span }, span: grant.span }],
        effect: 'allow',
        isAfter: false,
        runs,
        ...(role.parameters.size > 0 && {
          unheld: run(grant, [bool(false)], { ...base, names: unreadable }),
        }),
      })
    }
  }
  return results
}

// --- combining ---

const doesHold = (each: Run): boolean => isTrue(each.conjunction)
const mayHold = (each: Run): boolean => !isFalse(each.conjunction)
/** An allow whose obligation argument fails does not apply. */
const allows = (each: Run): boolean => doesHold(each) && !each.obligationFailed

const conjunctionOf = (result: Result): Outcome => or(result.runs.map((each) => each.conjunction))
const conditionFailed = (result: Result): boolean => conjunctionOf(result).kind === 'failed'

/** A part of the answer: rules that count, each with the runs that do. */
interface Applied {
  readonly result: Result
  readonly runs: readonly Run[]
}

function select(results: readonly Result[], isCounted: (each: Run) => boolean): readonly Applied[] {
  return results
    .map((result) => ({ result, runs: result.runs.filter(isCounted) }))
    .filter(({ runs }) => runs.length > 0)
}

type Errors = readonly RuleError[]

const report = (results: readonly Result[], kind: RuleError['kind']): Errors =>
  results.map(({ rule }) => ({ rule, kind }))

const adviceErrors = (applied: readonly Applied[]): Errors =>
  report(
    applied.filter(({ runs }) => runs.some((each) => each.adviceFailed)).map(({ result }) => result),
    'advice',
  )

/** Errors of rules that count also where their conjunction failed: denies and `after` rules. */
function failOpenErrors(applied: readonly Applied[]): Errors {
  const results = applied.map(({ result }) => result)
  const obligations = applied.filter(({ runs }) => runs.some((each) => each.obligationFailed))
  return [
    ...report(results.filter(conditionFailed), 'condition'),
    ...report(
      obligations.map(({ result }) => result),
      'obligation',
    ),
    ...adviceErrors(applied),
  ]
}

function defaultErrors(allowRules: readonly Result[]): Errors {
  const withoutObligation = select(allowRules, (each) => doesHold(each) && each.obligationFailed)
  return [
    ...report(allowRules.filter(conditionFailed), 'condition'),
    ...report(
      withoutObligation.map(({ result }) => result),
      'obligation',
    ),
  ]
}

function sortDuties(duties: readonly DutyAnswer[]): readonly DutyAnswer[] {
  const byText = new Map(duties.map((duty) => [canonicalJson({ name: duty.name, args: duty.args }), duty]))
  return [...byText.values()].sort(
    (a, b) => compareText(a.name, b.name) || compareText(canonicalJson(a.args), canonicalJson(b.args)),
  )
}

function sortErrors(errors: Errors): Errors {
  const byText = new Map(errors.map((error) => [JSON.stringify([error.rule, error.kind]), error]))
  return [...byText.values()].sort((a, b) => compareText(a.rule, b.rule) || compareText(a.kind, b.kind))
}

interface Outline {
  readonly decision: 'allow' | 'deny'
  readonly reasons: readonly Reason[]
  /** Rules whose duties the answer carries. */
  readonly applied: readonly Applied[]
  readonly errors: Errors
}

function finish({ decision, reasons, applied, errors }: Outline): FullDecision {
  const runs = applied.flatMap((each) => each.runs)
  return {
    decision,
    reasons,
    obligations: sortDuties(runs.flatMap((each) => each.obligations)),
    advice: sortDuties(runs.flatMap((each) => each.advice)),
    errors: sortErrors(errors),
  }
}

const toReasons = (applied: readonly Applied[]): readonly Reason[] =>
  applied
    .map(({ result }) => result.rule)
    .sort(compareText)
    .map((rule) => ({ rule }))

function combine(results: readonly Result[]): FullDecision {
  const of = (effect: 'allow' | 'deny', isAfter: boolean) =>
    results.filter((result) => result.effect === effect && result.isAfter === isAfter)
  const denies = select(of('deny', false), mayHold)
  const allowed = select(of('allow', false), allows)
  const afterAllow = select(of('allow', true), mayHold)
  const afterDeny = select(of('deny', true), mayHold)
  const denyWith = (reasons: readonly Reason[], applied: readonly Applied[], errors: Errors): FullDecision =>
    finish({
      decision: 'deny',
      reasons,
      applied: [...applied, ...afterDeny],
      errors: [...errors, ...failOpenErrors(afterDeny)],
    })
  if (denies.length > 0) return denyWith(toReasons(denies), denies, failOpenErrors(denies))
  if (allowed.length === 0) return denyWith([{ builtin: 'default' }], [], defaultErrors(of('allow', false)))
  const broken = afterAllow.filter(({ runs }) => runs.some((each) => each.obligationFailed))
  if (broken.length > 0) return denyWith(toReasons(broken), [], failOpenErrors(afterAllow))
  return finish({
    decision: 'allow',
    reasons: toReasons(allowed),
    applied: [...allowed, ...afterAllow],
    errors: [...adviceErrors(allowed), ...failOpenErrors(afterAllow)],
  })
}

const refuse = (builtin: 'unknownType' | 'unknownAction'): FullDecision => ({
  decision: 'deny',
  reasons: [{ builtin }],
  obligations: [],
  advice: [],
  errors: [],
})

/** What every rule for the action and type comes to, or why there are none. */
export function judgeInWorld(
  world: World,
  files: readonly PolicyFile[],
): readonly Result[] | 'unknownType' | 'unknownAction' {
  const { subject, action, resource } = world.request
  const type = world.schema.types.get(resource.type)
  if (world.schema.types.get(subject.type)?.isSubject !== true) return 'unknownType'
  if (type?.isResource !== true) return 'unknownType'
  if (!type.actions.has(action.name)) return 'unknownAction'
  const roles = solveRoles(world, files)
  const on = reference(resource.type, resource.id)
  return [...runRules(world, roles, on, type), ...runGrants(world, roles, on, type)]
}

export function decideInWorld(world: World, files: readonly PolicyFile[]): FullDecision {
  const results = judgeInWorld(world, files)
  return typeof results === 'string' ? refuse(results) : combine(results)
}
