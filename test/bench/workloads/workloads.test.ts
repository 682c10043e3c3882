import { describe, expect, it } from 'vitest'
import { loadFromText, toOptions } from '../engines/edict.ts'
import { createAbacCell, createAbacTypes } from './abac.ts'
import { createDrive } from './drive.ts'
import { createFiveRules } from './five-rules.ts'
import { createGitHost } from './git-host.ts'
import { createFolderTree, createRoleChain } from './levels.ts'
import { createRbac } from './rbac.ts'
import { createToDo } from './to-do.ts'
import type { Workload } from './workload.ts'

const REQUESTS = 200
const SMALL: readonly (() => Workload)[] = [
  () => createFiveRules(REQUESTS),
  () => createRbac({ grantCount: 100, requestCount: REQUESTS }),
  () => createRbac({ grantCount: 100, requestCount: REQUESTS, isToken: true }),
  () => createAbacTypes({ ruleCount: 100, requestCount: REQUESTS }),
  () => createAbacCell({ ruleCount: 100, requestCount: REQUESTS }),
  () => createDrive(10, REQUESTS),
  () => createGitHost(10, REQUESTS),
  () => createToDo(10, REQUESTS),
  () => createRoleChain(20, REQUESTS),
  () => createFolderTree(20, REQUESTS),
]

describe('workloads of the benchmark', () => {
  for (const create of SMALL) {
    const workload = create()

    it(`${workload.name}: Edict decides as the hand-written floor does`, () => {
      const policySet = loadFromText(workload.policy)
      const options = toOptions(policySet, workload)
      const floor = workload.createFloor()
      const expected = workload.requests.map((request) => (floor(request) ? 'allow' : 'deny'))
      const answers = workload.requests.map((request) => policySet.decide(request, options))
      expect(answers.map(({ decision }) => decision)).toEqual(expected)
      expect(answers.flatMap(({ errors }) => errors)).toEqual([])
    })

    it(`${workload.name}: some requests are allowed and some denied`, () => {
      const floor = workload.createFloor()
      const allowed = workload.requests.filter((request) => floor(request)).length
      expect(allowed).toBeGreaterThan(REQUESTS / 20)
      expect(allowed).toBeLessThan(REQUESTS * 0.95)
    })

    it(`${workload.name}: is the same every time`, () => {
      const again = create()
      expect(again.policy).toBe(workload.policy)
      expect(again.data).toEqual(workload.data)
      expect(again.requests).toEqual(workload.requests)
    })
  }
})
