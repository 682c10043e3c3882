import type { Expression } from '../../ast/nodes.ts'
import type { Type } from '../../model/types.ts'
import type { Measure } from '../measure-expression.ts'
import { type Finding, keyOf, type Report } from '../report.ts'
import { inferExpression } from './infer-expression.ts'
import type { ParentRead, RoleTest, Roots, Tables, Typing } from './typing.ts'

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
  const found = new Map<string, Finding>()
  const comparisons = new Map<Expression, Finding | undefined>()
  const roleTests: RoleTest[] = []
  const parentReads: ParentRead[] = []
  const constants = new Map<Expression, boolean>()
  const argumentTypes = new Map<Expression, Type>()
  let variables = 0
  let silent = 0
  let testless = 0
  const typing: Typing = {
    tables: unit.tables,
    roots,
    allRoots: unit.roots,
    calls: [],
    infer: (expression, position, expected) => inferExpression(typing, expression, position, expected),
    report: (finding) => {
      if (silent === 0 && !found.has(keyOf(finding))) found.set(keyOf(finding), finding)
    },
    judgeComparison: (node, impossible) => {
      if (silent > 0) return
      const isPossibleElsewhere = comparisons.has(node) && comparisons.get(node) === undefined
      comparisons.set(node, isPossibleElsewhere ? undefined : impossible)
    },
    noteConstant: (node, value) => {
      if (silent === 0) constants.set(node, value)
    },
    noteMethod: (node) => unit.methods.add(node),
    noteArgument: (node, type) => argumentTypes.set(node, type),
    noteRoleTest: (test) => {
      if (testless === 0) roleTests.push(test)
    },
    noteParentRead: (read) => {
      if (testless === 0) parentReads.push(read)
    },
    nextVariable: () => variables++,
    isSilent: () => silent > 0,
    silence: (work) => {
      silent++
      const result = work()
      silent--
      return result
    },
    withoutTests: (work) => {
      testless++
      const result = work()
      testless--
      return result
    },
  }
  unit.check(typing)
  const impossible = [...comparisons.values()].filter((finding) => finding !== undefined)
  return {
    findings: [...found.values(), ...impossible],
    comparisons,
    roleTests,
    parentReads,
    constants,
    argumentTypes,
  }
}
