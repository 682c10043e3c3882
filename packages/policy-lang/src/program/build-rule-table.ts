import { countUp, invertLists, toColumn, toLists } from './columns.ts'
import type { ProgramRole, ProgramRule } from './program.ts'
import {
  createSampleRow,
  type RepeatedProgramRule,
  type RuleSample,
  type SampleRow,
  type TakenRule,
} from './repeated-rules.ts'
import {
  addConstant,
  addLayout,
  addString,
  createPool,
  createPools,
  type LayoutEntry,
  type Pools,
} from './rule-pools.ts'
import type { RuleDoc, RuleLayouts, RuleTable, TextTemplate } from './rule-table.ts'
import { findShapeKey } from './shape-key.ts'
import { type TakenTexts, takeTexts, toShape } from './take-apart.ts'

/** A rule and the cells it applies in, ascending. */
export interface PlacedRule {
  readonly rule: ProgramRule | RepeatedProgramRule
  /** Rules that apply in the same cells may share one list. */
  readonly cells: readonly number[]
}

export interface RuleTableOptions {
  readonly roles: readonly ProgramRole[]
  readonly cellCount: number
}

/**
 * Puts rules, sorted by id, into columns. One at a time: no more than one need be there as a tree of its own.
 */
export function buildRuleTable(
  rules: Iterable<PlacedRule>,
  { roles, cellCount }: RuleTableOptions,
): RuleTable {
  const parameterised = new Set(
    roles.filter(({ parameters }) => parameters.length > 0).map(({ name }) => name),
  )
  const hasParameters = (role: string): boolean => parameterised.has(role)
  const pools = createPools()
  const names = createPool<string, string>()
  const options = { hasParameters, numberOf: (name: string) => names.indexOf(name, () => name) }
  const columns = createColumns()
  const take = (rule: ProgramRule): TakenRule => {
    const found = findShapeKey(rule, options)
    const shape = pools.shapes.indexOf(found.key, () => toShape(rule, hasParameters))
    const texts = takeTexts(rule, found)
    return { found, texts: texts.texts, wording: addWording(shape, texts, pools) }
  }
  const samples = new Map<RuleSample, SampleRow>()
  const targets = new Map<readonly number[], number>()
  for (const { rule, cells } of rules) {
    addRule(rule, columns)
    if ('sample' in rule) {
      const { sample } = rule
      const row = samples.get(sample) ?? createSampleRow(sample, take(sample.rule), pools)
      samples.set(sample, row)
      columns.wording.push(row.wording)
      row.addConstants(rule, columns.constants)
      columns.layout.push(row.layoutOf(rule))
    } else {
      const { found, texts, wording } = take(rule)
      columns.wording.push(wording)
      for (const constant of found.constants) columns.constants.push(addConstant(constant, pools))
      for (const text of texts) columns.constants.push(addString(text, pools))
      columns.layout.push(addLayout(found.places, rule.at, pools))
    }
    columns.constantStarts.push(columns.constants.length)
    let target = targets.get(cells)
    if (target === undefined) {
      target = pools.targets.indexOf(cells.join(','), () => cells)
      targets.set(cells, target)
    }
    columns.target.push(target)
  }
  return toTable(pools, columns, cellCount)
}

function addRule(
  { id, doc, at: [source, line, column] }: Pick<ProgramRule, 'id' | 'doc' | 'at'>,
  columns: Columns,
): void {
  if (doc !== undefined) columns.docs.push({ rule: columns.ids.length, doc })
  columns.ids.push(id)
  columns.source.push(source)
  columns.line.push(line)
  columns.column.push(column)
}

function addWording(shape: number, { who, conditions, texts }: TakenTexts, pools: Pools): number {
  const key = `${shape};${texts.length}${templateKey(who)}${conditions.map(templateKey).join('')}`
  return pools.wordings.indexOf(key, () => ({ shape, who, conditions, texts: texts.length }))
}

function templateKey(template: TextTemplate): string {
  let key = ';'
  for (const part of template) key += typeof part === 'number' ? `#${part}` : `${part.length}:${part}`
  return key
}

interface Columns {
  readonly ids: string[]
  readonly docs: RuleDoc[]
  readonly wording: number[]
  readonly layout: number[]
  readonly source: number[]
  readonly line: number[]
  readonly column: number[]
  readonly target: number[]
  readonly constants: number[]
  readonly constantStarts: number[]
}

function createColumns(): Columns {
  return {
    ids: [],
    docs: [],
    wording: [],
    layout: [],
    source: [],
    line: [],
    column: [],
    target: [],
    constants: [],
    constantStarts: [0],
  }
}

function toTable(pools: Pools, columns: Columns, cellCount: number): RuleTable {
  const targets = toLists(pools.targets.items)
  const targetOfRule = { starts: countUp(columns.ids.length), items: toColumn(columns.target) }
  return {
    shapes: detach(pools.shapes.items),
    wordings: detach(pools.wordings.items),
    layouts: toLayouts(pools.layouts.items),
    strings: detach(pools.strings.items),
    numbers: new Float64Array(pools.numbers.items),
    ids: detach(columns.ids),
    docs: detach(columns.docs),
    wording: toColumn(columns.wording),
    layout: toColumn(columns.layout),
    source: toColumn(columns.source),
    line: toColumn(columns.line),
    column: toColumn(columns.column),
    constants: { starts: toColumn(columns.constantStarts), items: toColumn(columns.constants) },
    targets,
    rulesOfTarget: invertLists(targetOfRule, pools.targets.items.length),
    targetsOfCell: invertLists(targets, cellCount),
  }
}

function toLayouts(layouts: readonly (readonly LayoutEntry[])[]): RuleLayouts {
  const entries = layouts.flat()
  return {
    starts: toLists(layouts.map((layout) => layout.map(() => 0))).starts,
    sources: toColumn(entries.map(([source]) => source)),
    lines: toColumn(entries.map(([, line]) => line)),
    columns: toColumn(entries.map(([, , column]) => column)),
  }
}

/** Strings cut out of a text keep the whole of it in memory: copies do not. */
function detach<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T
}
