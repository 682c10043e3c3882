// Finds the pattern of a rule by comparing whole pieces of its text: several times faster than looking at each
// character of it. What it finds is what `scanRule` would come to; where it finds nothing, that is asked.
import { KEYWORDS } from '../../ast/keywords.ts'
import type { RulePattern } from '../../ast/repeated-rule.ts'
import { classOf, DIGIT, LETTER } from './character-class.ts'

export type HoleKind = 'word' | 'text' | 'number'

export interface FoundPattern {
  readonly pattern: RulePattern
  readonly values: readonly string[]
  readonly end: number
}

/** A piece of text and the hole behind it; or the last piece of a pattern. */
interface Branch {
  readonly piece: string
  readonly kind: HoleKind | 'end'
  readonly pattern: RulePattern | undefined
  readonly next: Branch[]
}

/** How many pieces are compared at one place, and in one rule. */
const MAX_BRANCHES = 64
const MAX_STEPS = 512

export class PatternTree {
  readonly #first: Branch[] = []
  #steps = 0
  #end = 0
  #found: RulePattern | undefined

  add(pattern: RulePattern, kinds: readonly HoleKind[]): void {
    const { text, holes } = pattern
    let branches = this.#first
    let from = 0
    holes.forEach(({ start, standIn }, index) => {
      const kind = kinds[index] ?? 'text'
      branches = addBranch(branches, { piece: text.slice(from, start), kind, pattern: undefined, next: [] })
      from = start + standIn.length
    })
    addBranch(branches, { piece: text.slice(from), kind: 'end', pattern, next: [] })
  }

  find(source: string, start: number): FoundPattern | undefined {
    this.#steps = 0
    this.#found = undefined
    const values: string[] = []
    if (!this.#follow(source, start, this.#first, values) || this.#found === undefined) return undefined
    // A copy is as long as it has to be.
    return { pattern: this.#found, values: values.slice(), end: this.#end }
  }

  #follow(source: string, at: number, branches: readonly Branch[], values: string[]): boolean {
    for (let index = 0; index < branches.length; index++) {
      if (++this.#steps > MAX_STEPS) return false
      const { piece, kind, pattern, next } = branches[index] as Branch
      if (!source.startsWith(piece, at)) continue
      const from = at + piece.length
      if (kind === 'end') {
        if (!isLastLine(source, from)) continue
        this.#end = from
        this.#found = pattern
        return true
      }
      const end = kind === 'text' ? endOfText(source, from) : endOfPlain(source, from, kind)
      if (end < 0) continue
      const value = source.slice(from, end)
      if (kind === 'word' && KEYWORDS.has(value)) continue
      values.push(value)
      if (this.#follow(source, end, next, values)) return true
      values.pop()
    }
    return false
  }
}

function addBranch(branches: Branch[], branch: Branch): Branch[] {
  const known = branches.find(({ piece, kind }) => piece === branch.piece && kind === branch.kind)
  if (known !== undefined) return known.next
  if (branches.length < MAX_BRANCHES) branches.push(branch)
  return branch.next
}

/** Nothing that is indented follows, which would belong to the rule. */
function isLastLine(source: string, at: number): boolean {
  if (at === source.length) return true
  const next = source.charCodeAt(at + 1)
  return source.charCodeAt(at) === 10 && next !== 32 && next !== 9
}

/** A string without escapes and tabs; -1 where it is none. */
function endOfText(source: string, from: number): number {
  for (let at = from; ; at++) {
    const code = source.charCodeAt(at)
    if (code === 34) return at
    if (code === 92 || !(code >= 32)) return -1
  }
}

/** A word, or a whole number as it is printed; -1 where it is none. */
function endOfPlain(source: string, from: number, kind: 'word' | 'number'): number {
  let at = from
  const first = source.charCodeAt(at)
  if (kind === 'word') {
    if (classOf(first) !== LETTER) return -1
    while (classOf(source.charCodeAt(at)) >= LETTER) at++
    return at
  }
  while (classOf(source.charCodeAt(at)) === DIGIT) at++
  const next = source.charCodeAt(at)
  if (at === from || at - from > 15 || next === 46 || classOf(next) === LETTER) return -1
  return first === 48 && at - from > 1 ? -1 : at
}
