import { pathStep } from '../model/json-path.ts'

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

/** The place of something inside a row: by its JSON step, or its index in an array. */
export function placeInside(outer: RowPlace, step: string | number): RowPlace {
  return new InnerPlace(outer, step)
}

/** Its path is put together where somebody asks for it: nearly all rows are in order. */
class InnerPlace implements RowPlace {
  readonly file: string
  readonly #outer: RowPlace
  readonly #step: string | number

  constructor(outer: RowPlace, step: string | number) {
    this.file = outer.file
    this.#outer = outer
    this.#step = step
  }

  get path(): string {
    const step = typeof this.#step === 'number' ? pathStep(this.#step) : this.#step
    return `${this.#outer.path}${step}`
  }
}
