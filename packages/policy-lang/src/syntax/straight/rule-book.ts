// Rules that are written alike are read once. What is guessed here is shown before it counts: the second rule of the
// same words is read whole, and only where it ends where it was guessed to end are the rules after it taken from it.

import type { Expression, Rule } from '../../ast/nodes.ts'
import { RepeatedRule, type RuleHole, type RulePattern, SAMPLE_FILE } from '../../ast/repeated-rule.ts'
import { walkExpression } from '../../ast/walk.ts'
import { Cursor } from './cursor.ts'
import { type FoundPattern, type HoleKind, PatternTree } from './pattern-tree.ts'
import { readRule } from './read-declaration.ts'
import { type ScannedRule, scanRule } from './scan-rule.ts'

/** Tokens that go on with no rule: where one of them stands, the rule before has ended. */
const BEHIND_RULES: ReadonlySet<string> = new Set([
  ...['rule', 'role', 'inherited', 'assign', 'let', 'fn', 'type', 'subject', 'resource', 'entity', 'context'],
  ...['trust', 'test', 'invariant', 'end'],
])

/** Rules of the same words. */
interface Group {
  /** Whether each hole may hold what it likes. Left out until a second rule is met; `none`: each is read. */
  isFree: readonly boolean[] | 'none' | undefined
  /** By what stands in the holes that are not free. A pattern is not made for one rule. */
  readonly patterns: Map<string, RulePattern | 'met' | 'none'>
}

export class RuleBook {
  readonly #groups = new Map<string, Group>()
  readonly #tree = new PatternTree()

  /** Reads the rule that starts here. */
  read(cursor: Cursor): Rule {
    const found = this.#tree.find(cursor.source, cursor.start)
    if (found !== undefined) return repeatRule(cursor, found) ?? readRule(cursor)
    const scanned = scanRule(cursor.source, cursor.start)
    if (scanned === undefined) return readRule(cursor)
    const group = this.#groups.get(scanned.words)
    if (group === undefined) {
      this.#groups.set(scanned.words, { isFree: undefined, patterns: new Map() })
      return readRule(cursor)
    }
    if (group.isFree === 'none') return readRule(cursor)
    if (group.isFree !== undefined) return this.#repeat(cursor, scanned, group) ?? readRule(cursor)
    const rule = readRule(cursor)
    const hasEnded = rule.span.end === scanned.end && BEHIND_RULES.has(cursor.kind)
    group.isFree = hasEnded ? findFreeHoles(rule, scanned) : 'none'
    return rule
  }

  #repeat(cursor: Cursor, scanned: ScannedRule, group: Group): Rule | undefined {
    const { source } = cursor
    const { holes, end } = scanned
    const isFree = group.isFree as readonly boolean[]
    const values: string[] = []
    let key = ''
    for (let index = 0; index < isFree.length; index++) {
      const value = source.slice(holes[index * 2], holes[index * 2 + 1])
      if (isFree[index]) values.push(value)
      else key += `${value}\n`
    }
    let pattern = group.patterns.get(key)
    if (pattern === undefined) {
      group.patterns.set(key, 'met')
      return undefined
    }
    if (pattern === 'met') {
      pattern = createPattern(cursor, scanned, isFree)
      group.patterns.set(key, pattern)
      if (pattern !== 'none') this.#tree.add(pattern, kindsOf(scanned, isFree, source))
    }
    return pattern === 'none' ? undefined : repeatRule(cursor, { pattern, values, end })
  }
}

function kindsOf(
  { holes, typeHole }: ScannedRule,
  isFree: readonly boolean[],
  source: string,
): readonly HoleKind[] {
  return isFree.flatMap((free, index): readonly HoleKind[] => {
    if (!free) return []
    if (index === 0 || index === typeHole) return ['word']
    return [source.charCodeAt(holes[index * 2 + 1] ?? 0) === 34 ? 'text' : 'number']
  })
}

function repeatRule(cursor: Cursor, { pattern, values, end }: FoundPattern): Rule | undefined {
  const { start, previousEnd } = cursor
  const doc = cursor.doc()
  const commentCount = cursor.comments.length
  cursor.skipTo(end)
  if (!BEHIND_RULES.has(cursor.kind)) {
    cursor.goBack(start, previousEnd, commentCount)
    return undefined
  }
  return new RepeatedRule({ pattern, values, start, end, doc })
}

function createPattern(
  cursor: Cursor,
  { holes, end, typeHole, words }: ScannedRule,
  isFree: readonly boolean[],
): RulePattern | 'none' {
  const { source, file, start } = cursor
  const found: RuleHole[] = []
  let text = ''
  let written = start
  let newTypeHole: number | undefined
  for (let index = 0; index * 2 < holes.length; index++) {
    if (!isFree[index]) continue
    const [from = 0, to = 0] = [holes[index * 2], holes[index * 2 + 1]]
    if (index === typeHole) newTypeHole = found.length
    text += source.slice(written, from)
    const standIn = createStandIn(source.slice(from, to), index === 0 || index === typeHole, found.length)
    found.push({ start: text.length, standIn })
    text += standIn
    written = to
  }
  text += source.slice(written, end)
  if (found.some(({ standIn }) => words.includes(standIn) || text.split(standIn).length !== 2)) return 'none'
  const readSample = (): Rule => readRule(new Cursor(SAMPLE_FILE, text))
  return {
    file,
    source,
    text,
    holes: found,
    ...(newTypeHole !== undefined && { typeHole: newTypeHole }),
    sample: readSample(),
    readSample,
    readAt: (at) => readRule(cursor.startAt(at)),
  }
}

/** Of a string a word will do as well, of a number only a number; no two are part of one another. */
function createStandIn(value: string, isName: boolean, index: number): string {
  const isNumber = !isName && String(Number(value)) === value
  return isNumber ? `${90_070_000_000 + index}` : `__hole_${index}__`
}

/** The holes in which nothing is looked at but its kind: the name, the type, and literals that are compared. */
function findFreeHoles(rule: Rule, { holes, typeHole }: ScannedRule): readonly boolean[] | 'none' {
  if (!isPlain(rule)) return 'none'
  const ends = new Set<number>()
  for (const who of rule.who) if (who.kind === 'entity') ends.add(who.span.end)
  for (const { condition } of rule.clauses) {
    let isActionTested = false
    walkExpression(condition, (node) => {
      if (node.kind === 'actionTest') isActionTested = true
      for (const literal of freeLiterals(node)) ends.add(literal.span.end)
    })
    if (isActionTested) return 'none'
  }
  const type = rule.types.kind === 'names' ? rule.types.names[0] : undefined
  const isFree = Array.from({ length: holes.length / 2 }, (_, index) => {
    const end = holes[index * 2 + 1] ?? 0
    if (index === 0) return true
    // A string ends with its quote.
    return index === typeHole ? type?.span.end === end : ends.has(end) || ends.has(end + 1)
  })
  if (typeHole !== undefined && !isFree[typeHole]) return 'none'
  return isFree
}

/** Duties are compared over all rules, lists are looked through for what stands in them twice. */
function isPlain({ actions, types, who, duties }: Rule): boolean {
  return (
    duties.length === 0 &&
    who.length < 2 &&
    (types.kind === 'all' || types.names.length === 1) &&
    (actions.kind === 'all' || actions.names.length === 1)
  )
}

/** Literals of which the checks look at the type alone where what they are compared with is no literal itself. */
function freeLiterals(node: Expression): readonly Expression[] {
  if (node.kind === 'methodCall') {
    return LITERAL_METHODS.has(node.name.name) ? node.arguments.filter(isFreeLiteral) : []
  }
  if (node.kind !== 'comparison') return []
  const { left, right, operator } = node
  if (isRead(left) && isFreeLiteral(right)) return [right]
  return operator === 'in' && isRead(right) && isFreeLiteral(left) ? [left] : []
}

const LITERAL_METHODS: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith'])

function isFreeLiteral({ kind }: Expression): boolean {
  return kind === 'string' || kind === 'number' || kind === 'entity'
}

/** An attribute of something, or a root. */
function isRead({ kind }: Expression): boolean {
  return kind === 'member' || kind === 'index' || kind === 'root'
}
