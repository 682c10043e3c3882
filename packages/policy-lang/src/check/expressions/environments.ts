import type { Measure } from '../measure-expression.ts'
import type { Pair, Roots } from './typing.ts'

/** One combination of what a unit reads; what it does not read stays a union. */
export interface SingleEnvironment {
  readonly roots: Roots
  readonly subject: string | undefined
  readonly pair: Pair | undefined
  readonly resource: string | undefined
}

/**
 * The environments of a unit, by subject type: one for each combination of what it reads. Made only when asked for,
 * since a rule on everything has thousands.
 */
export function listEnvironments(roots: Roots, measure: Measure): readonly SubjectEnvironments[] {
  const subjects = measure.readsSubject && roots.subject !== undefined ? roots.subject : [undefined]
  const targets = listTargets(roots, measure)
  return subjects.map((subject) => {
    const all: Roots = subject === undefined ? roots : { ...roots, subject: [subject] }
    return {
      roots: all,
      count: targets.length,
      each: () => targets.map((target) => toEnvironment(subject, target, all)),
    }
  })
}

/** All environments with one subject type. */
export interface SubjectEnvironments {
  /** Of all of them together. */
  readonly roots: Roots
  readonly count: number
  each(): readonly SingleEnvironment[]
}

function toEnvironment(subject: string | undefined, target: Target, all: Roots): SingleEnvironment {
  return {
    subject,
    pair: target.pair,
    resource: target.resource,
    roots: {
      ...all,
      ...(target.resource === undefined ? {} : { resource: [target.resource] }),
      ...(target.pairs === undefined ? {} : { pairs: target.pairs }),
    },
  }
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
