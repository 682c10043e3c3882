// Stored rules → RuleTable. Everything a column says is held to what it counts into, once a shape or once a rule.
import { compareCodePoints } from '../model/code-points.ts'
import { MAX_EPOCH_MS, MIN_EPOCH_MS } from '../model/datetime.ts'
import { formatIp, parseIp } from '../model/ip.ts'
import { type Column, countUp, invertLists, type Lists, toColumn, toLists, valueAt } from './columns.ts'
import {
  below,
  fail,
  type JsonPlace,
  type Reader,
  readArray,
  readInteger,
  readNumber,
  readObject,
  readString,
} from './read-json.ts'
import { readShape, readWording } from './read-shape.ts'
import type { ConstantKind, RuleDoc, RuleLayouts, RuleTable } from './rule-table.ts'
import type { StoredRules } from './stored-rules.ts'

/** What rules refer to. */
export interface RuleScope {
  readonly sourceCount: number
  readonly cellCount: number
  /** Of roles that are declared: whether they have parameters. */
  readonly hasParameters: (role: string) => boolean | undefined
}

const MAX_INDEX = 2 ** 32 - 1
const readIndex = readInteger(0, MAX_INDEX)
const MAX_NUMBER = Number.MAX_SAFE_INTEGER
const readNumbers = readArray(readNumber(-MAX_NUMBER, MAX_NUMBER))
const readIndices = readArray(readIndex)
const readStrings = readArray(readString)

const readColumn: Reader<Column> = (json, at) => toColumn(readIndices(json, at))

export const readStoredRules: Reader<StoredRules> = readObject<StoredRules>({
  shapes: readArray(readShape),
  wordings: readArray(readWording),
  layouts: readArray(readIndices),
  strings: readStrings,
  numbers: (json, at) => new Float64Array(readNumbers(json, at)),
  ids: readStrings,
  docs: readArray(readObject<RuleDoc>({ rule: readIndex, doc: readString })),
  wording: readColumn,
  layout: readColumn,
  source: readColumn,
  line: readColumn,
  column: readColumn,
  constants: readColumn,
  target: readColumn,
  targets: readArray(readIndices),
})

/** @throws PolicyLangError `invalid-program` where the columns do not fit one another or `scope` */
export function toRuleTable(stored: StoredRules, scope: RuleScope, at: JsonPlace): RuleTable {
  const { shapes, wordings, strings, numbers, ids, docs, wording, layout, source, line, column } = stored
  checkOrder(ids, at)
  checkColumns(stored, at)
  checkDocs(docs, ids.length, at)
  checkWordings(stored, at)
  const layouts = toLayouts(stored.layouts, scope, below(at, 'layouts'))
  checkPlaces(stored, layouts, scope, at)
  const constants = toConstants(stored, scope, at)
  const targets = toTargets(stored.targets, scope, below(at, 'targets'))
  checkRange(stored.target, stored.targets.length, below(at, 'target'))
  const targetOfRule: Lists = { starts: countUp(ids.length), items: stored.target }
  return {
    shapes,
    wordings,
    layouts,
    strings,
    numbers,
    ids,
    docs,
    wording,
    layout,
    source,
    line,
    column,
    constants,
    targets,
    rulesOfTarget: invertLists(targetOfRule, stored.targets.length),
    targetsOfCell: invertLists(targets, scope.cellCount),
  }
}

function checkOrder(ids: readonly string[], at: JsonPlace): void {
  for (let rule = 1; rule < ids.length; rule += 1) {
    if (compareCodePoints(ids[rule - 1] ?? '', ids[rule] ?? '') >= 0) {
      fail(below(below(at, 'ids'), rule), 'out of order or twice')
    }
  }
}

function checkColumns(stored: StoredRules, at: JsonPlace): void {
  for (const name of ['wording', 'layout', 'source', 'line', 'column', 'target'] as const) {
    if (stored[name].length !== stored.ids.length) fail(below(at, name), 'expected one number a rule')
  }
}

function checkDocs(docs: readonly RuleDoc[], ruleCount: number, at: JsonPlace): void {
  docs.forEach(({ rule }, index) => {
    const isAscending = index === 0 || rule > (docs[index - 1]?.rule ?? rule)
    if (rule >= ruleCount || !isAscending)
      fail(below(below(at, 'docs'), index), 'index out of range or order')
  })
}

function checkWordings({ wordings, shapes, wording }: StoredRules, at: JsonPlace): void {
  wordings.forEach(({ shape, who, conditions, texts }, index) => {
    const wordingAt = below(below(at, 'wordings'), index)
    const found = shapes[shape]
    const conditionCount = found?.conditions.length ?? fail(wordingAt, 'index out of range')
    if (conditions.length !== conditionCount) fail(wordingAt, 'expected one text a condition')
    // One text a template at most: also a bound of what the constants are counted with.
    if (texts > conditions.length + 1) fail(wordingAt, 'too many texts')
    const slots = (found?.constants.length ?? 0) + texts
    const isInside = [who, ...conditions].flat().every((part) => typeof part === 'string' || part < slots)
    if (!isInside) fail(wordingAt, 'slot out of range')
  })
  checkRange(wording, wordings.length, below(at, 'wording'))
}

function toLayouts(rows: readonly Column[], { sourceCount }: RuleScope, at: JsonPlace): RuleLayouts {
  const [starts, sources, lines, columns]: [number[], number[], number[], number[]] = [[0], [], [], []]
  rows.forEach((row, index) => {
    for (let part = 0; part < row.length; part += 3) {
      const [source = 0, line = 0, column] = [row[part], row[part + 1], row[part + 2]]
      const isOnLine = source === 0 && line === 0
      const isGood =
        source <= sourceCount &&
        (source === 0 || line > 0) &&
        column !== undefined &&
        (isOnLine || column > 0)
      if (!isGood) fail(below(at, index), 'not a row of places')
      sources.push(source)
      lines.push(line)
      columns.push(column)
    }
    starts.push(sources.length)
  })
  return {
    starts: toColumn(starts),
    sources: toColumn(sources),
    lines: toColumn(lines),
    columns: toColumn(columns),
  }
}

function checkPlaces(
  { ids, wordings, shapes, wording, layout, source, line, column }: StoredRules,
  { starts }: RuleLayouts,
  { sourceCount }: RuleScope,
  at: JsonPlace,
): void {
  checkRange(layout, starts.length - 1, below(at, 'layout'))
  checkRange(source, sourceCount, below(at, 'source'))
  const placeCounts = Uint32Array.from(wordings, ({ shape }) => shapes[shape]?.placeCount ?? 0)
  for (let rule = 0; rule < ids.length; rule += 1) {
    const own = valueAt(layout, rule)
    const placeCount = valueAt(starts, own + 1) - valueAt(starts, own)
    if (placeCount !== placeCounts[valueAt(wording, rule)]) {
      fail(below(below(at, 'layout'), rule), 'another number of places than the shape has')
    }
    if (valueAt(line, rule) === 0) fail(below(below(at, 'line'), rule), 'lines start at 1')
    if (valueAt(column, rule) === 0) fail(below(below(at, 'column'), rule), 'columns start at 1')
  }
}

/** Finds where the constants of each rule start, and holds each to the kind that its shape says. */
function toConstants(stored: StoredRules, scope: RuleScope, at: JsonPlace): Lists {
  const { ids, wordings, shapes, wording, constants } = stored
  const constantsAt = below(at, 'constants')
  const isGood = createConstantCheck(stored, scope)
  const kinds = wordings.map(({ shape, texts }) => [
    ...(shapes[shape]?.constants ?? []),
    ...Array.from({ length: texts }, (): ConstantKind => ({ kind: 'string' })),
  ])
  const starts: number[] = [0]
  let position = 0
  for (let rule = 0; rule < ids.length; rule += 1) {
    for (const kind of kinds[valueAt(wording, rule)] ?? []) {
      const held = constants[position]
      if (held === undefined) return fail(constantsAt, 'too few constants')
      if (!isGood(kind, held)) fail(below(constantsAt, position), `no ${kind.kind}`)
      position += 1
    }
    starts.push(position)
  }
  if (position !== constants.length) fail(constantsAt, 'too many constants')
  return { starts: toColumn(starts), items: constants }
}

function createConstantCheck(
  { strings, numbers }: StoredRules,
  { hasParameters }: RuleScope,
): (kind: ConstantKind, held: number) => boolean {
  const roles = memoize((index) => hasParameters(strings[index] ?? '') === false)
  const addresses = memoize((index) => isCanonicalAddress(strings[index] ?? ''))
  return ({ kind }, held) => {
    switch (kind) {
      case 'number':
        return held < numbers.length
      case 'duration':
        return Number.isInteger(numbers[held])
      case 'datetime': {
        const ms = numbers[held]
        return ms !== undefined && Number.isInteger(ms) && ms >= MIN_EPOCH_MS && ms <= MAX_EPOCH_MS
      }
      case 'role':
        return held < strings.length && roles(held)
      case 'ip':
        return held < strings.length && addresses(held)
      default:
        return held < strings.length
    }
  }
}

function memoize(find: (index: number) => boolean): (index: number) => boolean {
  const known = new Map<number, boolean>()
  return (index) => {
    const found = known.get(index) ?? find(index)
    known.set(index, found)
    return found
  }
}

/** What the engine's own printer makes of the address is the one form in which it is held. */
function isCanonicalAddress(text: string): boolean {
  const ip = parseIp(text)
  return ip !== undefined && formatIp(ip) === text
}

function toTargets(rows: readonly Column[], { cellCount }: RuleScope, at: JsonPlace): Lists {
  const lists = rows.map((row) => Array.from(row))
  lists.forEach((row, index) => {
    row.forEach((cell, position) => {
      const isAscending = position === 0 || cell > (row[position - 1] ?? cell)
      if (cell >= cellCount || !isAscending) fail(below(at, index), 'index out of range or order')
    })
  })
  return toLists(lists)
}

function checkRange(column: Column, count: number, at: JsonPlace): void {
  for (let index = 0; index < column.length; index += 1) {
    if (valueAt(column, index) >= count) fail(below(at, index), 'index out of range')
  }
}
