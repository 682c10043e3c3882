import { type Column, listAt, valueAt } from './columns.ts'
import type { RuleLayouts, RuleTable } from './rule-table.ts'

/** Rules as `serializeProgram` writes them: a table without what follows from the rest. */
export interface StoredRules
  extends Omit<RuleTable, 'layouts' | 'constants' | 'targets' | 'rulesOfTarget' | 'targetsOfCell'> {
  /** Source, line and column of each place of a layout, in one row. */
  readonly layouts: readonly Column[]
  readonly constants: Column
  /** One a rule: index into `targets`. */
  readonly target: Column
  readonly targets: readonly Column[]
}

/** The stored form of a table. */
export function toStoredRules(rules: RuleTable): StoredRules {
  const { targets, rulesOfTarget, targetsOfCell: _, layouts, constants, ...rest } = rules
  const target = new Array<number>(rules.ids.length).fill(0)
  for (let index = 0; index + 1 < targets.starts.length; index += 1) {
    for (const rule of Array.from(listAt(rulesOfTarget, index))) target[rule] = index
  }
  return {
    ...rest,
    layouts: Array.from({ length: layouts.starts.length - 1 }, (__, index) => toRow(layouts, index)),
    constants: constants.items,
    target,
    targets: Array.from({ length: targets.starts.length - 1 }, (__, index) => listAt(targets, index)),
  }
}

function toRow({ starts, sources, lines, columns }: RuleLayouts, layout: number): readonly number[] {
  const row: number[] = []
  for (let at = valueAt(starts, layout); at < valueAt(starts, layout + 1); at += 1) {
    row.push(valueAt(sources, at), valueAt(lines, at), valueAt(columns, at))
  }
  return row
}
