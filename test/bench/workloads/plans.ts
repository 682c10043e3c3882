// Every workload of the benchmark, by name. The names stand in baselines and in the manual.
import { createAbacCell, createAbacTypes } from './abac.ts'
import { createDrive } from './drive.ts'
import { createFiveRules } from './five-rules.ts'
import { createGitHost } from './git-host.ts'
import { createFolderTree, createRoleChain } from './levels.ts'
import { createRbac } from './rbac.ts'
import { createToDo } from './to-do.ts'
import type { WorkloadPlan } from './workload.ts'

/** Enough that requests and what they touch do not all stay in the nearest cache. */
const REQUEST_COUNT = 4000
const COUNTS = [100, 1000, 10_000, 100_000]
const SIZES = [5, 10, 20, 50]

/** @param requestCount how many requests each workload holds */
export function planWorkloads(requestCount: number = REQUEST_COUNT): readonly WorkloadPlan[] {
  return [
    { name: 'five-rules', isQuick: true, create: () => createFiveRules(requestCount) },
    ...COUNTS.map((grantCount) => ({
      name: `rbac-${grantCount}`,
      isQuick: grantCount === 1000,
      create: () => createRbac({ grantCount, requestCount }),
    })),
    ...COUNTS.map((grantCount) => ({
      name: `rbac-token-${grantCount}`,
      create: () => createRbac({ grantCount, requestCount, isToken: true }),
    })),
    ...COUNTS.map((ruleCount) => ({
      name: `abac-types-${ruleCount}`,
      isQuick: ruleCount === 1000,
      create: () => createAbacTypes({ ruleCount, requestCount }),
    })),
    ...COUNTS.map((ruleCount) => ({
      name: `abac-cell-${ruleCount}`,
      isQuick: ruleCount === 1000,
      create: () => createAbacCell({ ruleCount, requestCount }),
    })),
    ...SIZES.map((size) => ({
      name: `drive-${size}`,
      isQuick: size === 20,
      create: () => createDrive(size, requestCount),
    })),
    ...SIZES.map((size) => ({ name: `git-host-${size}`, create: () => createGitHost(size, requestCount) })),
    ...SIZES.map((size) => ({ name: `to-do-${size}`, create: () => createToDo(size, requestCount) })),
    { name: 'role-chain-20', create: () => createRoleChain(20, requestCount) },
    { name: 'folder-tree-20', isQuick: true, create: () => createFolderTree(20, requestCount) },
  ]
}
