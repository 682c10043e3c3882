/** What is measured, and in which unit. */
export const METRICS = {
  decide: 'ns',
  decideHot: 'ns',
  load: 'ms',
  memory: 'bytes/rule',
  garbage: 'bytes/decision',
  httpSingle: 'requests/s',
  httpBatch: 'decisions/s',
} as const

export type Metric = keyof typeof METRICS

export interface Result {
  readonly workload: string
  readonly engine: string
  readonly metric: Metric
  readonly unit: string
  readonly value: number
  /** Value over the floor's of the same workload and metric; left out where there is no floor. */
  readonly floorRatio?: number
}

export interface Report {
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryGb: number
    readonly os: string
  }
  readonly versions: { readonly [name: string]: string }
  readonly results: readonly Result[]
  /** Slow engines: over how many requests their times are. Left out of the list: over all. */
  readonly shortened: readonly {
    readonly workload: string
    readonly engine: string
    readonly requests: number
  }[]
  /** What was not measured, and why. */
  readonly skipped: readonly { readonly workload: string; readonly engine: string; readonly reason: string }[]
}

/**
 * Runs of different workloads as one.
 * @throws Error where they were made on different machines or with different versions
 */
export function mergeReports(reports: readonly Report[]): Report {
  const [first] = reports
  if (first === undefined) throw new Error('no report')
  const basis = ({ machine, versions }: Report) => JSON.stringify([machine, versions])
  if (reports.some((report) => basis(report) !== basis(first))) {
    throw new Error('runs of different machines or versions make no common report')
  }
  return {
    ...first,
    results: reports.flatMap(({ results }) => results),
    shortened: reports.flatMap(({ shortened }) => shortened),
    skipped: reports.flatMap(({ skipped }) => skipped),
  }
}

/** Adds the ratio to the floor where one was measured. */
export function addFloorRatios(results: readonly Result[]): readonly Result[] {
  const floors = new Map(
    results
      .filter(({ engine }) => engine === 'floor')
      .map(({ workload, metric, value }) => [`${workload} ${metric}`, value]),
  )
  return results.map((result) => {
    const floor = floors.get(`${result.workload} ${result.metric}`)
    return floor === undefined || floor === 0 || result.floorRatio !== undefined
      ? result
      : { ...result, floorRatio: result.value / floor }
  })
}

export function findValue(
  results: readonly Result[],
  workload: string,
  engine: string,
  metric: Metric,
): number | undefined {
  return results.find((one) => one.workload === workload && one.engine === engine && one.metric === metric)
    ?.value
}
