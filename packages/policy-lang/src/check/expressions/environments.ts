// Types expressions in every environment they apply in. The common case is one run over all environments at once,
// with unions for the roots: what holds for a union holds for each of its members. Only where that run finds
// something are the environments taken one by one, to see which findings are real and where.

import type { Expression } from '../../ast/nodes.ts'
import type { Environment } from '../../diagnostics/diagnostic.ts'
import type { Type } from '../../model/types.ts'
import type { Measure } from '../measure-expression.ts'
import { type Finding, keyOf, type Report } from '../report.ts'
import { joinTypes } from '../type-relations.ts'
import { inferExpression } from './infer-expression.ts'
import type { Pair, ParentRead, RoleTest, Roots, Tables, Typing } from './typing.ts'

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

/** Checks a unit and reports each finding once, with the first environment that it shows in. */
export function checkInEnvironments(unit: Unit): Observations {
  const whole = runTyping(unit, unit.roots)
  if (whole.findings.length === 0) return whole
  const environments = listEnvironments(unit)
  if (environments.length <= 1) {
    for (const finding of whole.findings) unit.report(withEnvironment(finding, environments, environments))
    return whole
  }
  const runs = environments.map((environment) => ({ environment, run: runTyping(unit, environment.roots) }))
  reportRuns(unit, runs)
  return {
    roleTests: runs.flatMap(({ run }) => run.roleTests),
    parentReads: whole.parentReads,
    constants: whole.constants,
    argumentTypes: joinAll(runs.map(({ run }) => run.argumentTypes)),
  }
}

function joinAll(maps: readonly ReadonlyMap<Expression, Type>[]): ReadonlyMap<Expression, Type> {
  const joined = new Map<Expression, Type>()
  for (const map of maps)
    for (const [node, type] of map) joined.set(node, joinTypes(joined.get(node) ?? type, type) ?? type)
  return joined
}

interface Run extends Observations {
  readonly findings: readonly Finding[]
  readonly comparisons: ReadonlyMap<Expression, Finding | undefined>
}

function runTyping(unit: Unit, roots: Roots): Run {
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

interface SingleEnvironment {
  readonly roots: Roots
  readonly subject: string | undefined
  readonly pair: Pair | undefined
  readonly resource: string | undefined
}

/** One environment for each combination of what the unit reads. */
function listEnvironments({ roots, measure }: Unit): readonly SingleEnvironment[] {
  const subjects = measure.readsSubject && roots.subject !== undefined ? roots.subject : [undefined]
  const targets = listTargets(roots, measure)
  return subjects.flatMap((subject) =>
    targets.map((target) => ({
      subject,
      pair: target.pair,
      resource: target.resource,
      roots: {
        ...roots,
        ...(subject === undefined ? {} : { subject: [subject] }),
        ...(target.resource === undefined ? {} : { resource: [target.resource] }),
        ...(target.pairs === undefined ? {} : { pairs: target.pairs }),
      },
    })),
  )
}

interface Target {
  readonly pair?: Pair
  readonly resource?: string
  readonly pairs?: readonly Pair[]
}

function listTargets(roots: Roots, measure: Measure): readonly Target[] {
  if (measure.readsAction && roots.pairs !== undefined) {
    return roots.pairs.map((pair) => ({ pair, resource: pair.resourceType, pairs: [pair] }))
  }
  if (!measure.readsResource || roots.resource === undefined) return [{}]
  const byType = new Map<string, Pair[]>(roots.resource.map((type) => [type, []]))
  for (const pair of roots.pairs ?? []) byType.get(pair.resourceType)?.push(pair)
  return [...byType].map(([resource, pairs]) =>
    roots.pairs === undefined ? { resource } : { resource, pairs },
  )
}

function reportRuns(
  unit: Unit,
  runs: readonly { readonly environment: SingleEnvironment; readonly run: Run }[],
): void {
  const possible = new Set<Expression>()
  for (const { run } of runs) {
    for (const [node, finding] of run.comparisons) if (finding === undefined) possible.add(node)
  }
  const all = runs.map(({ environment }) => environment)
  const grouped = new Map<string, { finding: Finding; environments: SingleEnvironment[] }>()
  for (const { environment, run } of runs) {
    const acquitted = new Set(
      [...run.comparisons].filter(([node]) => possible.has(node)).map(([, finding]) => finding),
    )
    for (const finding of run.findings) {
      if (acquitted.has(finding)) continue
      const group = grouped.get(keyOf(finding))
      if (group === undefined) grouped.set(keyOf(finding), { finding, environments: [environment] })
      else group.environments.push(environment)
    }
  }
  for (const { finding, environments } of grouped.values()) {
    unit.report(withEnvironment(finding, environments, all))
  }
}

/** Names the first environment, with the members that matter, and says how many more there are. */
function withEnvironment(
  finding: Finding,
  failing: readonly SingleEnvironment[],
  all: readonly SingleEnvironment[],
): Finding {
  const first = failing[0]
  if (first === undefined) return finding
  const matters = whatMatters(failing, all)
  const environment = describeEnvironment(first, matters)
  const others = countDistinct(failing, (single) => JSON.stringify(describeEnvironment(single, matters))) - 1
  if (environment === undefined) return finding
  const suffix = others === 0 ? '' : ` (and in ${others} more ${others === 1 ? 'case' : 'cases'})`
  return { ...finding, message: finding.message + suffix, environment }
}

interface Matters {
  readonly subject: boolean
  readonly action: boolean
  readonly resource: boolean
}

/** A member plays no part where a finding shows for each of its values alike. */
function whatMatters(failing: readonly SingleEnvironment[], all: readonly SingleEnvironment[]): Matters {
  if (all.length === 1) return { subject: true, action: true, resource: true }
  const plays = (rest: (single: SingleEnvironment) => string): boolean => {
    const total = countBy(all, rest)
    return [...countBy(failing, rest)].some(([key, count]) => count !== total.get(key))
  }
  return {
    subject: plays((single) => JSON.stringify([single.resource, single.pair?.action])),
    action: plays((single) => JSON.stringify([single.subject, single.resource])),
    resource: plays((single) => JSON.stringify([single.subject, single.pair?.action])),
  }
}

function countBy(
  environments: readonly SingleEnvironment[],
  key: (single: SingleEnvironment) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const environment of environments)
    counts.set(key(environment), (counts.get(key(environment)) ?? 0) + 1)
  return counts
}

function countDistinct(
  environments: readonly SingleEnvironment[],
  key: (single: SingleEnvironment) => string,
): number {
  return countBy(environments, key).size
}

function describeEnvironment(single: SingleEnvironment, matters: Matters): Environment | undefined {
  const environment = {
    ...(matters.subject && single.subject !== undefined ? { subject: single.subject } : {}),
    ...(matters.action && single.pair !== undefined ? { action: single.pair.action } : {}),
    ...(matters.resource && single.resource !== undefined ? { resource: single.resource } : {}),
  }
  return Object.keys(environment).length === 0 ? undefined : environment
}
