import { describe, expect, it } from 'vitest'
import type { AssignmentRecord, EntityData } from '../model/entity-data.ts'
import type { JsonObject } from '../model/request.ts'
import { compileText } from '../testing/compile-text.ts'
import { decide } from './decide.ts'
import { storeOf } from './fixtures.ts'
import { linkProgram } from './link.ts'

const SCHEMA = `
  subject User in Team
  entity Team in Team
  resource Folder in Folder
  resource Document in Folder { actions read }
  context { a?: String, b?: String, list?: Set<String>, more?: Set<String>, labels?: Map<String>, no: Bool }
`

interface Situation {
  readonly context?: JsonObject
  readonly data?: EntityData
}

/** The least budget that is enough. */
function countSteps(text: string, { context = {}, data }: Situation): number {
  const linked = linkProgram(compileText(SCHEMA + text))
  const request = {
    subject: { type: 'User', id: 'ann', parents: [{ type: 'Team', id: '0' }] },
    action: { name: 'read' },
    resource: { type: 'Document', id: 'd', parents: [{ type: 'Folder', id: '0' }] },
    context,
  }
  const isEnough = (stepBudget: number): boolean => {
    const options = { entities: storeOf(data), stepBudget, now: () => 0 }
    const [reason] = decide(linked, request, options).reasons
    return reason === undefined || !('builtin' in reason) || reason.builtin !== 'budgetExceeded'
  }
  let [few, enough] = [0, 4000]
  expect(isEnough(enough)).toBe(true)
  while (few < enough) {
    const middle = Math.floor((few + enough) / 2)
    if (isEnough(middle)) enough = middle
    else few = middle + 1
  }
  return enough
}

/** What a hundred of something, or a text of a hundred steps, counts more than none. */
function countMore(text: string, of: (count: number) => Situation): number {
  return countSteps(text, of(100)) - countSteps(text, of(0))
}

const texts = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${index}`)
const inContext = (count: number): Situation => ({
  context: {
    a: 'a'.repeat(64 * count),
    b: 'a'.repeat(64 * count),
    list: texts(count),
    more: texts(count),
    labels: Object.fromEntries(texts(count).map((key) => [key, key])),
  },
})
/** As many entities above the subject and the resource, each in the next. */
const inStore = (count: number, assignments: readonly AssignmentRecord[] = []): Situation => ({
  data: {
    entities: ['Team', 'Folder'].flatMap((type) =>
      texts(count + 1).map((id, index) => ({
        type,
        id,
        parents: index === count ? [] : [{ type, id: `${index + 1}` }],
      })),
    ),
    assignments,
  },
})
const rowsTo = (count: number, to: (id: string) => AssignmentRecord['to']): AssignmentRecord[] =>
  texts(count).map((id) => ({ role: 'r', to: to(id), on: '*', expires: 0 }))

describe('steps', () => {
  const [a, b] = ['(context.a ?? "")', '(context.b ?? "")']
  const [list, more] = ['(context.list ?? [])', '(context.more ?? [])']
  it.each([
    ['comparing texts reads both', `${a} == ${b}`, 200],
    ['comparing sets reads all members', `${list} == ${more}`, 400],
    [
      'choosing where the test fails reads both arms, for they may agree',
      `(context.no ? ${a} : ${b}) == ""`,
      300,
    ],
    ['joining texts reads both, and asking the result reads it', `(${a} + ${b}).size == 0`, 400],
    ['matching a text reads it and searches it', `${a} like "x*yz"`, 107],
    ['matching a pattern alike', `${a} matches "[xyz]"`, 108],
    ['asking a text reads it', `${a}.startsWith("x")`, 100],
    ['looking for a piece searches it, too', `${a}.contains("xyz")`, 105],
    ['asking a set reads it', `${list}.contains("x")`, 200],
    ['asking for its size alike', `${list}.size == 7`, 200],
    ['comparing two sets reads both', `${list}.containsAny(${more})`, 400],
    ['asking a map counts its entries', '(context.labels ?? {}).size == 7', 100],
    ['a set of texts reads them, and looking into it reads it', `"x" in [${a}]`, 200],
    ['looking into a set reads it', `"x" in ${list}`, 200],
  ])('%s', (_claim, condition, expected) => {
    expect(countMore(`rule a: allow read on Document if ${condition}`, inContext)).toBe(expected)
  })

  const rule = 'rule a: allow read on Document to r'
  it.each<[string, string, (count: number) => Situation, number]>([
    [
      'walking up counts each entity and each of its parents',
      'rule a: allow read on Document to Team::"x"',
      inStore,
      200,
    ],
    [
      'an assignment counts where it is found and where it is judged',
      `role r\n${rule}`,
      (count) => ({ data: { assignments: rowsTo(count, () => '*') } }),
      200,
    ],
    [
      'walking up to know the subject’s groups counts alike',
      `role r\n${rule}`,
      (count) =>
        inStore(
          count,
          rowsTo(300, (id) => ({ type: 'User', id })),
        ),
      200,
    ],
    ['a role that is inherited is judged on each entity above', `inherited role r\n${rule}`, inStore, 200],
    [
      'one with parameters is looked for on each',
      'inherited role r(n: Number) { can read on Document }',
      inStore,
      200,
    ],
  ])('%s', (_claim, text, of, expected) => expect(countMore(text, of)).toBe(expected))
})
