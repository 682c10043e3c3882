// Rules that differ in constants alone, as one: what they ask is emitted once, each brings its constants.
import type { LinkedProgram, LinkedType } from '../evaluate/link.ts'
import type { AnyCode } from '../program/code-children.ts'
import { toLiteral } from '../program/constants.ts'
import { constantAt, ruleAt, shapeAt } from '../program/rule-access.ts'
import type { ConstantKind, RuleShape, ShapeWho } from '../program/rule-table.ts'
import { type PlanRule, settleWho, toFastLiteral, toPlanRule, toWhoCode } from './plan-rule.ts'

export interface RuleFamily {
  readonly effect: 'allow' | 'deny'
  /** Conjuncts over the constants of each rule, WHO first where it is not settled. */
  readonly conjuncts: readonly AnyCode[]
  /** What the constants are; none where there is one rule only. */
  readonly kinds: readonly ConstantKind[]
  /** Its rules, as their plan counts. */
  readonly numbers: readonly number[]
  /** What one of them has in a slot, in the fast form. Read when it is asked for: most rules are never looked at. */
  readonly constantOf: (number: number, slot: number) => unknown
}

/** Rules of one cell, for one type of subject. */
export interface ArrangedRules {
  /** By number and in its order, one by one: the few, and those that say more than yes or no. */
  readonly single: ReadonlyMap<number, PlanRule>
  readonly families: readonly RuleFamily[]
}

/** Fewer rules of a shape are put together one by one. */
const MIN_FAMILY = 6

export interface ArrangingOptions {
  readonly subject: LinkedType
  readonly linked: LinkedProgram
  /** So many rules are put together one by one, whatever they have in common. */
  readonly maxWritten: number
}

/** @param indices of rules in the Program, which the plan counts by */
export function arrangeRules(
  indices: readonly number[],
  { subject, linked, maxWritten }: ArrangingOptions,
): ArrangedRules {
  const { program } = linked
  const minFamily = Math.min(MIN_FAMILY, maxWritten + 1)
  const few: number[] = []
  const families: RuleFamily[] = []
  for (const [shape, ofShape] of Map.groupBy(indices, (index) => shapeAt(program, index))) {
    const isFamily = indices.length > maxWritten && ofShape.length >= minFamily && isPlainShape(shape)
    if (isFamily) families.push(...toFamilies(shape, ofShape, subject, linked))
    else few.push(...ofShape)
  }
  const single = new Map<number, PlanRule>()
  for (const index of few.sort((a, b) => a - b)) {
    const rule = toPlanRule(ruleAt(program, index), subject, linked)
    if (rule !== undefined) single.set(index, rule)
  }
  return { single, families }
}

/** Rules that say yes or no, and no more. A role with parameters is named in its shape. */
function isPlainShape({ isAfter, obligations, advice, grantOf }: RuleShape): boolean {
  return !isAfter && obligations.length + advice.length === 0 && typeof grantOf !== 'string'
}

/** One family, or one for each role or group that WHO names: these choose the code. */
function toFamilies(
  shape: RuleShape,
  indices: readonly number[],
  subject: LinkedType,
  linked: LinkedProgram,
): readonly RuleFamily[] {
  const { program } = linked
  const named = shape.who.flatMap((who) =>
    who.kind === 'role' && typeof who.role === 'number' ? [who.role] : [],
  )
  const rolesOf = (number: number): string =>
    JSON.stringify(named.map((slot) => constantAt(program, number, slot)))
  const groups = named.length === 0 ? [indices] : Map.groupBy(indices, rolesOf).values()
  return [...groups].flatMap((numbers): readonly RuleFamily[] => {
    const [first] = numbers
    if (first === undefined) return []
    const settled = settleWho(
      shape.who.map((who) => nameRole(who, (slot) => constantAt(program, first, slot))),
      subject,
    )
    if (settled === 'nobody') return []
    const conditions = shape.conditions.map(({ code }): AnyCode => code)
    return [
      {
        effect: shape.effect,
        conjuncts: settled.length === 0 ? conditions : [toWhoCode(settled, subject), ...conditions],
        kinds: shape.constants,
        numbers,
        constantOf: createReader(shape.constants, linked),
      },
    ]
  })
}

function nameRole(who: ShapeWho, rawAt: (slot: number) => unknown): ShapeWho {
  return who.kind === 'role' && typeof who.role === 'number'
    ? { kind: 'role', role: String(rawAt(who.role)) }
    : who
}

function createReader(
  kinds: readonly ConstantKind[],
  { program, patterns }: LinkedProgram,
): RuleFamily['constantOf'] {
  return (number, slot) => {
    const kind = kinds[slot]
    const raw = constantAt(program, number, slot)
    if (kind?.kind === 'matches') return patterns.get(String(raw))
    return kind?.kind === 'ip' ? toFastLiteral(toLiteral(kind, raw)) : raw
  }
}
