// Rules of a Program one at a time: how they are held is known to this folder alone.
// A rule is named by its index, 0 up to `ruleCount`, in code-point order of the ids.
import { compareCodePoints } from '../model/code-points.ts'
import { type Column, listAt, valueAt } from './columns.ts'
import { isNumeric, printConstant, type RawConstant, toLiteral } from './constants.ts'
import { toRuleCode } from './map-code.ts'
import type { Code, Place, Program, ProgramDuty, ProgramRule, ProgramWho } from './program.ts'
import type {
  RuleShape,
  RuleTable,
  RuleWording,
  ShapeCode,
  ShapeDuty,
  ShapeWho,
  TextTemplate,
} from './rule-table.ts'
import { joinText } from './text-template.ts'

/** How many rules and grants a Program holds. */
export function ruleCount({ rules }: Program): number {
  return rules.ids.length
}

/** The id of a rule: its name, or a grant's id. */
export function ruleIdAt({ rules }: Program, index: number): string {
  return itemAt(rules.ids, index)
}

/** The index of the rule with this id. */
export function findRule(program: Program, id: string): number | undefined {
  let [low, high] = [0, ruleCount(program)]
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compareCodePoints(ruleIdAt(program, middle), id)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

/** Indices of the rules that apply in a cell, ascending. `cell` is its place in `program.cells`. */
export function cellRules({ rules: { targetsOfCell, rulesOfTarget } }: Program, cell: number): Column {
  const targets = listAt(targetsOfCell, cell)
  if (targets.length === 1) return listAt(rulesOfTarget, valueAt(targets, 0))
  const lists = Array.from(targets, (target) => listAt(rulesOfTarget, target))
  const merged = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0))
  let start = 0
  for (const list of lists) {
    merged.set(list, start)
    start += list.length
  }
  return merged.sort()
}

/** What a rule shares with others that differ in constants only: the same object for all of them. */
export function shapeAt({ rules }: Program, index: number): RuleShape {
  return itemAt(rules.shapes, wordingAt(rules, index).shape)
}

/** What a rule has in one slot of its shape. */
export function constantAt({ rules }: Program, index: number, slot: number): RawConstant {
  const { constants } = itemAt(rules.shapes, wordingAt(rules, index).shape)
  const held = valueAt(rules.constants.items, valueAt(rules.constants.starts, index) + slot)
  return isNumeric(itemAt(constants, slot)) ? valueAt(rules.numbers, held) : itemAt(rules.strings, held)
}

/** The constants of a rule, in the order of the slots of its shape. */
export function constantsAt(program: Program, index: number): readonly RawConstant[] {
  return shapeAt(program, index).constants.map((_, slot) => constantAt(program, index, slot))
}

/** A rule as a tree of its own, put together anew. */
export function ruleAt(program: Program, index: number): ProgramRule {
  const { rules } = program
  const shape = shapeAt(program, index)
  const wording = wordingAt(rules, index)
  const places = placesOf(rules, index)
  const parts: Parts = { shape, constants: constantsAt(program, index), placeAt: (at) => itemAt(places, at) }
  const doc = docOf(rules, index)
  const print = createPrinter(rules, parts, listAt(rules.constants, index))
  return {
    id: ruleIdAt(program, index),
    effect: shape.effect,
    isAfter: shape.isAfter,
    ...(shape.grantOf !== undefined && { grantOf: roleOf(shape.grantOf, parts) }),
    who: shape.who.map((who) => toWho(who, parts)),
    whoText: print(wording.who),
    conditions: shape.conditions.map(({ code, at }, position) => ({
      code: toCode(code, parts),
      text: print(itemAt(wording.conditions, position)),
      at: parts.placeAt(at),
    })),
    obligations: shape.obligations.map((duty) => toDuty(duty, parts)),
    advice: shape.advice.map((duty) => toDuty(duty, parts)),
    at: rulePlace(rules, index),
    ...(doc !== undefined && { doc }),
  }
}

interface Parts {
  readonly shape: RuleShape
  readonly constants: readonly RawConstant[]
  readonly placeAt: (at: number) => Place
}

function wordingAt(rules: RuleTable, index: number): RuleWording {
  return itemAt(rules.wordings, valueAt(rules.wording, index))
}

function toCode(code: ShapeCode, { shape, constants, placeAt }: Parts): Code {
  return toRuleCode(code, {
    leaf: (leaf) => {
      if (leaf.op === 'literal') return leaf
      const value = toLiteral(itemAt(shape.constants, leaf.slot), itemAt(constants, leaf.slot))
      return { op: 'literal', value }
    },
    pattern: (slot) => String(itemAt(constants, slot)),
    at: placeAt,
  })
}

function toWho(who: ShapeWho, parts: Parts): ProgramWho {
  if (who.kind === 'role') return { kind: 'role', role: roleOf(who.role, parts) }
  if (who.kind !== 'entity') return who
  const kind = itemAt(parts.shape.constants, who.entity)
  if (kind.kind !== 'entity') throw new TypeError('a shape whose slot holds no entity')
  return { kind: 'entity', type: kind.type, id: String(itemAt(parts.constants, who.entity)) }
}

function roleOf(role: string | number, { constants }: Parts): string {
  return typeof role === 'string' ? role : String(itemAt(constants, role))
}

function toDuty({ name, args, at }: ShapeDuty, parts: Parts): ProgramDuty {
  return {
    name,
    args: args.map((arg) => ({ name: arg.name, code: toCode(arg.code, parts) })),
    at: parts.placeAt(at),
  }
}

/** Behind the constants of its shape stand a rule's own texts. */
function createPrinter(
  { strings }: RuleTable,
  { shape, constants }: Parts,
  held: Column,
): (template: TextTemplate) => string {
  return (template) =>
    joinText(template, (slot) =>
      slot < constants.length
        ? printConstant(itemAt(shape.constants, slot), itemAt(constants, slot))
        : itemAt(strings, valueAt(held, slot)),
    )
}

function rulePlace({ source, line, column }: RuleTable, index: number): Place {
  return [valueAt(source, index), valueAt(line, index), valueAt(column, index)]
}

function placesOf(rules: RuleTable, index: number): readonly Place[] {
  const { layouts } = rules
  const layout = valueAt(rules.layout, index)
  const [source, line, column] = rulePlace(rules, index)
  const places: Place[] = []
  for (let at = valueAt(layouts.starts, layout); at < valueAt(layouts.starts, layout + 1); at += 1) {
    const own = valueAt(layouts.sources, at)
    const [lines, columns] = [valueAt(layouts.lines, at), valueAt(layouts.columns, at)]
    if (own > 0) places.push([own - 1, lines, columns])
    else places.push([source, line + lines, lines === 0 ? column + columns : columns])
  }
  return places
}

function docOf({ docs }: RuleTable, index: number): string | undefined {
  let [low, high] = [0, docs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const { rule, doc } = itemAt(docs, middle)
    if (rule === index) return doc
    if (rule < index) low = middle + 1
    else high = middle
  }
  return undefined
}

function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new RangeError(`there is no item ${index}`)
  return item
}
