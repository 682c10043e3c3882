import type { Environment } from '../../diagnostics/diagnostic.ts'
import type { Finding } from '../report.ts'
import type { SingleEnvironment } from './environments.ts'

/** Names the first environment, with the members that matter, and says how many more there are. */
export function withEnvironment(
  finding: Finding,
  failing: readonly SingleEnvironment[],
  all: readonly SingleEnvironment[] | undefined,
): Finding {
  const first = failing[0]
  if (first === undefined) return finding
  if (all === undefined) return withManyEnvironments(finding, first)
  const matters = whatMatters(failing, all)
  const environment = describeEnvironment(first, matters)
  const others = countDistinct(failing, (single) => JSON.stringify(describeEnvironment(single, matters))) - 1
  if (environment === undefined) return finding
  const suffix = others === 0 ? '' : ` (and in ${others} more ${others === 1 ? 'case' : 'cases'})`
  return { ...finding, message: finding.message + suffix, environment }
}

/** Where too many environments fail to look at all of them. */
function withManyEnvironments(finding: Finding, first: SingleEnvironment): Finding {
  const environment = describeEnvironment(first, { subject: true, action: true, resource: true })
  return { ...finding, message: `${finding.message} (and in many more cases)`, environment }
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
