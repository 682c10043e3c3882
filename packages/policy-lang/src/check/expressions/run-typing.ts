import type { Expression } from '../../ast/nodes.ts'
import type { Span } from '../../diagnostics/span.ts'
import type { Type } from '../../model/types.ts'
import type { Measure } from '../measure-expression.ts'
import { type Finding, keyOf, type Report } from '../report.ts'
import { inferExpression } from './infer-expression.ts'
import type { ParentRead, Position, RoleTest, Roots, Tables, Typed, Typing } from './typing.ts'

/** What the runs over one rule, condition or other unit gave besides findings. */
export interface Observations {
  readonly roleTests: readonly RoleTest[]
  readonly parentReads: readonly ParentRead[]
  /** Conditions that come out the same in every environment. */
  readonly constants: ReadonlyMap<Expression, boolean>
  /** Types of the arguments of obligations and advice, joined over all environments. */
  readonly argumentTypes: ReadonlyMap<Expression, Type>
}

export interface Unit {
  readonly tables: Tables
  readonly roots: Roots
  /** Tells which roots the unit reads at all: the others do not multiply environments. */
  readonly measure: Measure
  readonly methods: Set<Expression>
  readonly report: Report
  /** Types all expressions of the unit; called once for each run. */
  readonly check: (typing: Typing) => void
}

/** What one run over a unit gave, under the roots of all or of one of its environments. */
export interface Run extends Observations {
  readonly findings: readonly Finding[]
  readonly comparisons: ReadonlyMap<Expression, Finding | undefined>
}

export function runTyping(unit: Unit, roots: Roots): Run {
  const run = new TypingRun(unit, roots)
  unit.check(run)
  return run.finish()
}

const NO_COMPARISONS: Run['comparisons'] = new Map()
const NO_CONSTANTS: Run['constants'] = new Map()
const NO_TYPES: Run['argumentTypes'] = new Map()

/** Thousands of rules are typed and most have nothing to note: what a run notes is made where it is needed. */
class TypingRun implements Typing {
  readonly tables: Tables
  readonly roots: Roots
  readonly allRoots: Roots
  readonly calls: Span[] = []
  readonly #methods: Set<Expression>
  readonly #roleTests: RoleTest[] = []
  readonly #parentReads: ParentRead[] = []
  #found: Map<string, Finding> | undefined
  #comparisons: Map<Expression, Finding | undefined> | undefined
  #constants: Map<Expression, boolean> | undefined
  #argumentTypes: Map<Expression, Type> | undefined
  #variables = 0
  #silent = 0
  #testless = 0

  constructor(unit: Unit, roots: Roots) {
    this.tables = unit.tables
    this.roots = roots
    this.allRoots = unit.roots
    this.#methods = unit.methods
  }

  infer(expression: Expression, position: Position, expected?: Type): Typed {
    return inferExpression(this, expression, position, expected)
  }

  report(finding: Finding): void {
    if (this.#silent > 0) return
    this.#found ??= new Map()
    const key = keyOf(finding)
    if (!this.#found.has(key)) this.#found.set(key, finding)
  }

  judgeComparison(node: Expression, impossible: Finding | undefined): void {
    if (this.#silent > 0) return
    this.#comparisons ??= new Map()
    const isPossibleElsewhere = this.#comparisons.has(node) && this.#comparisons.get(node) === undefined
    this.#comparisons.set(node, isPossibleElsewhere ? undefined : impossible)
  }

  noteConstant(node: Expression, value: boolean): void {
    if (this.#silent > 0) return
    this.#constants ??= new Map()
    this.#constants.set(node, value)
  }

  noteMethod(node: Expression): void {
    this.#methods.add(node)
  }

  noteArgument(node: Expression, type: Type): void {
    this.#argumentTypes ??= new Map()
    this.#argumentTypes.set(node, type)
  }

  noteRoleTest(test: RoleTest): void {
    if (this.#testless === 0) this.#roleTests.push(test)
  }

  noteParentRead(read: ParentRead): void {
    if (this.#testless === 0) this.#parentReads.push(read)
  }

  nextVariable(): number {
    return this.#variables++
  }

  isSilent(): boolean {
    return this.#silent > 0
  }

  silence<T>(work: () => T): T {
    this.#silent++
    const result = work()
    this.#silent--
    return result
  }

  withoutTests<T>(work: () => T): T {
    this.#testless++
    const result = work()
    this.#testless--
    return result
  }

  finish(): Run {
    const comparisons = this.#comparisons ?? NO_COMPARISONS
    const findings = [...(this.#found?.values() ?? [])]
    for (const impossible of comparisons.values()) if (impossible !== undefined) findings.push(impossible)
    return {
      findings,
      comparisons,
      roleTests: this.#roleTests,
      parentReads: this.#parentReads,
      constants: this.#constants ?? NO_CONSTANTS,
      argumentTypes: this.#argumentTypes ?? NO_TYPES,
    }
  }
}
