// What every part of a plan writes with: where it stands, and what follows where a rule matches.
import type { LinkedAction, LinkedProgram, LinkedType } from '../evaluate/link.ts'
import type { Answer } from '../model/answer.ts'
import type { AnyCode } from '../program/code-children.ts'
import type { ConstantKind } from '../program/rule-table.ts'
import type { PlanAnswers } from './answers.ts'
import type { FunctionMaker } from './compile-js.ts'
import type { SelectRules } from './decide-narrowly.ts'
import { FORMS } from './forms.ts'
import type { PlanRule } from './plan-rule.ts'
import type { RoleIndex } from './role-query.ts'
import type { RuleBuckets } from './rule-buckets.ts'
import type { ArrangedRules } from './rule-family.ts'
import { readRuleJs } from './rule-list.ts'
import { NoFastForm, type RoleEmitter, type Site } from './site.ts'
import type { Writer } from './writer.ts'

export type Effect = 'allow' | 'deny'

/** One action, resource type and subject type with their rules. */
export interface PlanSetup {
  readonly linked: LinkedProgram
  readonly roles: RoleIndex
  readonly emitter: RoleEmitter
  readonly maker: FunctionMaker
  readonly subject: LinkedType
  readonly resource: LinkedType
  readonly actionName: string
  readonly action: LinkedAction
  readonly rules: ArrangedRules
  /** Plans of an effect with more rules are tables. */
  readonly maxWritten: number
  /** All plans are tables: code of their own for each would be too much. */
  readonly hasManyPlans: boolean
  /** The denial by no rule. */
  readonly denied: Answer
}

export interface PlanWriter {
  readonly setup: PlanSetup
  readonly writer: Writer
  /** Rules with duties; the place of one is its bit. */
  readonly dutyRules: readonly PlanRule[]
  readonly answers: PlanAnswers
  readonly conclude: string
  /** How the reference finds the rules that can matter. */
  readonly selections: SelectRules[]
  readonly buckets: RuleBuckets[]
}

/** @param kinds of the constants in `c` */
export function siteOf(
  { linked, roles, emitter, subject, resource, actionName, action }: PlanSetup,
  writer: Writer,
  kinds: readonly ConstantKind[] = [],
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
    kinds,
    forms: FORMS,
  }
}

/** A note that a rule matches, where others can still speak. */
export function noteJs(effect: Effect, rule: string): string {
  const found = foundJs(effect)
  return `if (${found} === -1) ${found} = ${rule};`
}

/** Where the first rule that matched is noted. */
export function foundJs(effect: Effect): string {
  return effect === 'deny' ? 'D' : 'A'
}

/**
 * What follows where one of several rules matches: an answer where nothing else can speak, else a note.
 * @param place of the rule in the list, in emitted code
 */
export function settleListedJs(
  plan: PlanWriter,
  effect: Effect,
  numbers: readonly number[],
  place: string,
  isTerminal: boolean,
): string {
  const { writer, answers } = plan
  if (!isTerminal) return noteJs(effect, `${writer.constant(numbers)}[${place}]`)
  const { known, conclude } = answers.listed(effect, numbers)
  return `return ${whereUntimed(`${writer.constant(known)}[${place}]`)} ?? ${writer.constant(conclude)}(run, ${place});`
}

/**
 * The same for a rule of a list that keeps answers.
 * @param at where it starts, in emitted code
 */
export function settleTabledJs(
  plan: PlanWriter,
  effect: Effect,
  list: string,
  at: string,
  isTerminal: boolean,
): string {
  const { answer, number } = readRuleJs(list, at)
  if (!isTerminal) return noteJs(effect, number)
  const conclude = plan.writer.constant(plan.answers.tabled(effect))
  return `return ${whereUntimed(answer)} ?? ${conclude}(run, ${list}, ${at});`
}

/** An answer that stands for as long as no clock was read. */
function whereUntimed(answer: string): string {
  return `(run.instant === undefined ? ${answer} : undefined)`
}

/** The answer of one rule that is known beforehand, or of none: -1. */
export function concludeRuleJs(
  { writer, answers, conclude }: PlanWriter,
  effect: Effect,
  rule: number,
): string {
  const answer = writer.constant(answers.plain(effect, rule))
  return `return run.instant === undefined ? ${answer} : ${conclude}(run, '${effect}', ${numberJs(rule, writer)}, 0);`
}

/** The number of a rule: a constant, so that plans that say alike are of one text. */
export function numberJs(rule: number, writer: Writer): string {
  return rule === -1 ? '-1' : writer.constant(rule)
}

/** What failed: an allow cannot match, a deny does and is reported. */
export function failJs(effect: Effect): string {
  return effect === 'allow' ? 'F = 1;' : 'throw LEAVE;'
}

/** @throws NoFastForm */
export function emitConjunct(code: AnyCode, site: Site, exit: string, onFailed: string): void {
  const { yes, failed } = FORMS.test(code, site)
  if (failed === undefined) site.writer.line(`if (!(${yes})) ${exit}`)
  else site.writer.line(`if (${failed}) ${onFailed} else if (!(${yes})) ${exit}`)
}

/** What has no fast form is the reference's, once the decision comes to it. */
export function emitOrLeave(emit: () => void, writer: Writer): boolean {
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
