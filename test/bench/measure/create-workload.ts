import { planWorkloads } from '../workloads/plans.ts'
import type { Workload } from '../workloads/workload.ts'

/** Makes a workload, its requests as they come out of JSON: strings and objects of their own. */
export function createWorkload(name: string): Workload {
  const plan = planWorkloads().find((one) => one.name === name)
  if (plan === undefined) throw new Error(`no workload \`${name}\``)
  const workload = plan.create()
  return { ...workload, requests: JSON.parse(JSON.stringify(workload.requests)) }
}
