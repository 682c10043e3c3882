import { countUp, invertLists, toColumn, toLists } from './columns.ts'
import { isNumeric } from './constants.ts'
import type { Place, ProgramRole, ProgramRule } from './program.ts'
import type { RuleDoc, RuleLayouts, RuleShape, RuleTable, RuleWording, TextTemplate } from './rule-table.ts'
import { findShapeKey, type ShapeKey } from './shape-key.ts'
import { type TakenTexts, takeTexts, toShape } from './take-apart.ts'

/** A rule and the cells it applies in, ascending. */
export interface PlacedRule {
  readonly rule: ProgramRule
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
  for (const { rule, cells } of rules) {
    const found = findShapeKey(rule, options)
    const shape = pools.shapes.indexOf(found.key, () => toShape(rule, hasParameters))
    addRule(rule, columns)
    addTexts(shape, found, takeTexts(rule, found), pools, columns)
    const layout = found.places.map((place) => toLayoutEntry(place, rule.at))
    columns.layout.push(pools.layouts.indexOf(layout.join(';'), () => layout))
    columns.target.push(pools.targets.indexOf(cells.join(','), () => cells))
  }
  return toTable(pools, columns, cellCount)
}

function addRule({ id, doc, at: [source, line, column] }: ProgramRule, columns: Columns): void {
  if (doc !== undefined) columns.docs.push({ rule: columns.ids.length, doc })
  columns.ids.push(id)
  columns.source.push(source)
  columns.line.push(line)
  columns.column.push(column)
}

function addTexts(
  shape: number,
  { constants }: ShapeKey,
  { who, conditions, texts }: TakenTexts,
  pools: Pools,
  columns: Columns,
): void {
  const key = `${shape};${texts.length}${templateKey(who)}${conditions.map(templateKey).join('')}`
  const toWording = (): RuleWording => ({ shape, who, conditions, texts: texts.length })
  columns.wording.push(pools.wordings.indexOf(key, toWording))
  for (const { kind, raw } of constants) {
    columns.constants.push(isNumeric(kind) ? addNumber(Number(raw), pools) : addString(String(raw), pools))
  }
  for (const text of texts) columns.constants.push(addString(text, pools))
  columns.constantStarts.push(columns.constants.length)
}

function templateKey(template: TextTemplate): string {
  let key = ';'
  for (const part of template) key += typeof part === 'number' ? `#${part}` : `${part.length}:${part}`
  return key
}

function addNumber(number: number, { numbers }: Pools): number {
  return numbers.indexOf(number, () => number)
}

function addString(text: string, { strings }: Pools): number {
  return strings.indexOf(text, () => text)
}

/** Things each once, by a key that two share exactly when they are the same. */
interface Pool<Key, T> {
  readonly items: readonly T[]
  readonly indexOf: (key: Key, create: () => T) => number
}

function createPool<Key, T>(): Pool<Key, T> {
  const indices = new Map<Key, number>()
  const items: T[] = []
  return {
    items,
    indexOf: (key, create) => {
      const known = indices.get(key)
      if (known !== undefined) return known
      indices.set(key, items.length)
      return items.push(create()) - 1
    },
  }
}

/** Source, line and column as a layout holds them. */
type LayoutEntry = readonly [source: number, line: number, column: number]

interface Pools {
  readonly shapes: Pool<string, RuleShape>
  readonly wordings: Pool<string, RuleWording>
  readonly layouts: Pool<string, readonly LayoutEntry[]>
  readonly targets: Pool<string, readonly number[]>
  readonly strings: Pool<string, string>
  readonly numbers: Pool<number, number>
}

function createPools(): Pools {
  return {
    shapes: createPool(),
    wordings: createPool(),
    layouts: createPool(),
    targets: createPool(),
    strings: createPool(),
    numbers: createPool(),
  }
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

/** How far below its rule a place may stand and still be told from it: what is farther is that of a `let` or `fn`. */
const NEAR_LINES = 100

function toLayoutEntry(
  [source, line, column]: Place,
  [ruleSource, ruleLine, ruleColumn]: Place,
): LayoutEntry {
  const below = line - ruleLine
  const isNear = source === ruleSource && below >= 0 && below <= NEAR_LINES
  if (isNear && below > 0) return [0, below, column]
  return isNear && column >= ruleColumn ? [0, 0, column - ruleColumn] : [source + 1, line, column]
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
