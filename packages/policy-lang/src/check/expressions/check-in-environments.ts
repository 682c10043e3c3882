// Types expressions in every environment they apply in. The common case is one run over all environments at once,
// with unions for the roots: what holds for a union holds for each of its members. Only where that run finds
// something are the environments taken one by one, to see which findings are real and where.
import type { Expression } from '../../ast/nodes.ts'
import type { Type } from '../../model/types.ts'
import { type Finding, keyOf } from '../report.ts'
import { joinTypes } from '../type-relations.ts'
import { withEnvironment } from './describe-environment.ts'
import { listEnvironments, type SingleEnvironment } from './environments.ts'
import { type Observations, type Run, runTyping, type Unit } from './run-typing.ts'

/**
 * How many environments are looked at once every finding is known to be real: the others would only be counted, and
 * a rule on everything has thousands.
 */
const ENOUGH_ENVIRONMENTS = 60

/** Checks a unit and reports each finding once, with the first environment that it shows in. */
export function checkInEnvironments(unit: Unit): Observations {
  const whole = runTyping(unit, unit.roots)
  if (whole.findings.length === 0) return whole
  const { runs, clean, all } = runSingly(unit, whole)
  reportRuns(unit, whole, runs, clean, all)
  return {
    roleTests: [...runs.map(({ run }) => run), ...clean].flatMap((run) => run.roleTests),
    parentReads: whole.parentReads,
    constants: whole.constants,
    argumentTypes: joinAll([...runs.map(({ run }) => run), ...clean].map((run) => run.argumentTypes)),
  }
}

interface SingleRun {
  readonly environment: SingleEnvironment
  readonly run: Run
}

interface SingleRuns {
  readonly runs: readonly SingleRun[]
  /** Runs over all environments of one subject type that found nothing. */
  readonly clean: readonly Run[]
  /** Left out where not all environments were looked at. */
  readonly all: readonly SingleEnvironment[] | undefined
}

function runSingly(unit: Unit, whole: Run): SingleRuns {
  const bySubject = listEnvironments(unit.roots, unit.measure)
  const open = new Set(whole.findings.map(keyOf))
  const runs: SingleRun[] = []
  const clean: Run[] = []
  const all: SingleEnvironment[] = []
  let isComplete = true
  for (const subject of bySubject) {
    let sought = [...open]
    if (bySubject.length > 1 && subject.count > 1) {
      const run = runTyping(unit, subject.roots)
      if (run.findings.length === 0) {
        clean.push(run)
        for (const environment of subject.each()) all.push(environment)
        continue
      }
      sought = run.findings.map(keyOf)
    }
    for (const environment of subject.each()) {
      if (runs.length >= ENOUGH_ENVIRONMENTS && !sought.some((key) => open.has(key))) {
        isComplete = false
        break
      }
      const run = runTyping(unit, environment.roots)
      runs.push({ environment, run })
      all.push(environment)
      for (const finding of run.findings) open.delete(keyOf(finding))
    }
  }
  return { runs, clean, all: isComplete ? all : undefined }
}

function reportRuns(
  unit: Unit,
  whole: Run,
  runs: readonly SingleRun[],
  clean: readonly Run[],
  all: readonly SingleEnvironment[] | undefined,
): void {
  const possible = findPossible([...runs.map(({ run }) => run), ...clean])
  // Of those that were not looked at, the run over all of them still knows.
  if (all === undefined)
    for (const [node, finding] of whole.comparisons) if (finding === undefined) possible.add(node)
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
  const together = new Map(whole.findings.map((finding) => [keyOf(finding), finding]))
  for (const [key, { finding, environments }] of grouped) {
    // What fails everywhere is told once for all types.
    const isEverywhere = all !== undefined && all.length > 1 && environments.length === all.length
    const told = isEverywhere ? (together.get(key) ?? finding) : finding
    unit.report(withEnvironment(told, environments, all))
  }
}

/** Comparisons that can come out either way in some environment. */
function findPossible(runs: readonly Run[]): Set<Expression> {
  const possible = new Set<Expression>()
  for (const run of runs) {
    for (const [node, finding] of run.comparisons) if (finding === undefined) possible.add(node)
  }
  return possible
}

function joinAll(maps: readonly ReadonlyMap<Expression, Type>[]): ReadonlyMap<Expression, Type> {
  const joined = new Map<Expression, Type>()
  for (const map of maps) {
    for (const [node, type] of map) joined.set(node, joinTypes(joined.get(node) ?? type, type) ?? type)
  }
  return joined
}
