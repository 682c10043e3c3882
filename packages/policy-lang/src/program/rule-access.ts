// Rules of a Program one at a time: how they are stored is known to this folder alone.
// A rule is named by its index, 0 up to `ruleCount`, in code-point order of the ids.
import { compareCodePoints } from '../model/code-points.ts'
import type { Program, ProgramRule } from './program.ts'

/** Numbers that are read only: an array or a typed array. */
export type Column = ArrayLike<number>

/** How many rules and grants a Program holds. */
export function ruleCount(program: Program): number {
  return program.rules.length
}

/** The id of a rule: its name, or a grant's id. */
export function ruleIdAt(program: Program, index: number): string {
  return ruleAt(program, index).id
}

/** A rule as a tree of its own. */
export function ruleAt({ rules }: Program, index: number): ProgramRule {
  const rule = rules[index]
  if (rule === undefined) throw new RangeError(`there is no rule ${index}`)
  return rule
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
export function cellRules({ cells }: Program, cell: number): Column {
  const found = cells[cell]
  if (found === undefined) throw new RangeError(`there is no cell ${cell}`)
  return found.rules
}
