/** Something wrong in a file of entity data. */
export interface DataProblem {
  readonly file: string
  /** JSON path, such as `$.assignments[2].on`. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}

/** Where a row stands. */
export interface RowPlace {
  readonly file: string
  readonly path: string
}

/** Collects what is wrong: problems refuse the data, warnings do not. */
export interface ProblemSink {
  readonly problem: (place: RowPlace, message: string, hint?: string) => void
  readonly warning: (place: RowPlace, message: string, hint?: string) => void
}

export function createProblemSink(): ProblemSink & {
  readonly problems: DataProblem[]
  readonly warnings: DataProblem[]
} {
  const problems: DataProblem[] = []
  const warnings: DataProblem[] = []
  const addTo =
    (list: DataProblem[]) =>
    ({ file, path }: RowPlace, message: string, hint?: string): void => {
      list.push({ file, path, message, ...(hint !== undefined && { hint }) })
    }
  return { problems, warnings, problem: addTo(problems), warning: addTo(warnings) }
}

/** The place of something inside a row. */
export function placeInside({ file, path }: RowPlace, step: string): RowPlace {
  return { file, path: `${path}${step}` }
}
