// Rules of a table in one flat array, so that what a walk reads of them lies side by side in memory. A rule is its
// test, its answer once there is one, its number, how many places it takes, and its constants.
import type { Answer } from '../model/answer.ts'
import type { JsonObject } from '../model/request.ts'
import type { FastOutcome } from './outcome.ts'
import type { Run } from './run.ts'

export type RuleList = unknown[]

/** @param k the list that the rule stands in, and @param o where it starts there: its constants follow */
export type RuleTest = (
  run: Run,
  sp: JsonObject,
  rp: JsonObject,
  ap: JsonObject,
  cx: JsonObject,
  sid: string,
  rid: string,
  k: RuleList,
  o: number,
) => FastOutcome

export const TEST_PARAMETERS: readonly string[] = ['run', 'sp', 'rp', 'ap', 'cx', 'sid', 'rid', 'k', 'o']

const [TEST, ANSWER, NUMBER, SIZE, HEADER] = [0, 1, 2, 3, 4]

export interface ListedRule {
  readonly test: RuleTest
  readonly number: number
  /** The rule's own, then those that all rules of its test have. */
  readonly constants: readonly unknown[]
}

export function toRuleList(rules: readonly ListedRule[]): RuleList {
  const list: RuleList = []
  for (const rule of rules) appendRule(list, rule)
  return list
}

export function appendRule(list: RuleList, { test, number, constants }: ListedRule): void {
  list.push(test, undefined, number, HEADER + constants.length, ...constants)
}

export function numbersIn(list: RuleList): readonly number[] {
  const numbers: number[] = []
  for (let at = 0; at < list.length; at += list[at + SIZE] as number)
    numbers.push(list[at + NUMBER] as number)
  return numbers
}

/** A rule's constant in the code of its test. */
export function listedConstantJs(place: number): string {
  return `k[o + ${HEADER + place}]`
}

/** @param at where a rule starts in the list, both in emitted code */
export function readRuleJs(
  list: string,
  at: string,
): { test: string; answer: string; number: string; next: string } {
  return {
    test: `${list}[${at}${plus(TEST)}]`,
    answer: `${list}[${at}${plus(ANSWER)}]`,
    number: `${list}[${at}${plus(NUMBER)}]`,
    next: `${at} += ${list}[${at}${plus(SIZE)}]`,
  }
}

function plus(place: number): string {
  return place === 0 ? '' : ` + ${place}`
}

/** The answer of a rule, made where it has none yet. */
export function answerOf(list: RuleList, at: number, make: (number: number) => Answer): Answer {
  const known = list[at + ANSWER] as Answer | undefined
  const answer = known ?? make(list[at + NUMBER] as number)
  list[at + ANSWER] = answer
  return answer
}
