// Whether all stored rows fit policies that are about to decide, found out in pieces while writes go on.
import { setImmediate } from 'node:timers/promises'
import {
  createChangeCheck,
  type DataProblem,
  type EntityDataChange,
  type EntityStore,
  type Program,
  type StoreStep,
} from '@edict/policy-lang/program'
import { type BaseIndex, entityRowKey } from './row-index.ts'
import { checkFit, checkStepsFit, misfit, toPut } from './stored-data.ts'

/** The rows of a moment, checked one by one, and what was written since then. */
export class FitCheck {
  readonly #program: Program
  readonly #problems: DataProblem[] = []
  /** The last of each row. */
  readonly #steps = new Map<string, StoreStep>()
  #isDone = false

  constructor(program: Program) {
    this.#program = program
  }

  /** Rows that are written from the beginning of `run` on are to be told. */
  note(steps: readonly StoreStep[]): void {
    // What is refused may wait for long: more than count are of no use.
    for (const step of steps) if (this.#steps.size <= MAX_STEPS) this.#steps.set(keyOf(step), step)
  }

  /** @param store as it is at each moment */
  async run(index: BaseIndex, store: () => EntityStore, signal: AbortSignal): Promise<void> {
    const check = createChangeCheck(this.#program)
    let pause = performance.now() + TURN_MS
    for (const puts of inPieces(putRows(index, store))) {
      this.#problems.push(...check(store(), puts))
      if (performance.now() < pause) continue
      await setImmediate()
      if (signal.aborted) return
      pause = performance.now() + TURN_MS
    }
    this.#isDone = true
  }

  /**
   * INVARIANT: what was not checked before is checked now.
   * @param underWay what is planned, and may still be written
   * Throws `PdpServerError` `bad-entity-data` where a row does not fit.
   */
  finish(index: BaseIndex, store: EntityStore, underWay: readonly StoreStep[]): void {
    const hasProblems = this.#problems.length > 0
    if (hasProblems && this.#isDone && this.#steps.size === 0) throw misfit(this.#problems)
    const isKnownToFit = this.#isDone && !hasProblems && this.#steps.size <= MAX_STEPS
    if (!isKnownToFit) checkFit(this.#program, store, index)
    checkStepsFit(this.#program, store, isKnownToFit ? [...this.#steps.values(), ...underWay] : underWay)
  }
}

function keyOf(step: StoreStep): string {
  return step.kind === 'entity' ? entityRowKey(step) : `assignment ${step.key}`
}

const TURN_MS = 2
const PIECE_ROWS = 50
/** With more, all are checked anew. */
const MAX_STEPS = 10_000

/** INVARIANT: rows that come or go meanwhile are told as steps, whether they are met here or not. */
function* putRows(index: BaseIndex, store: () => EntityStore): Generator<EntityDataChange> {
  for (const ref of index.entities()) {
    const stored = store().entity(ref)
    if (typeof stored !== 'string') yield toPut({ entity: { ...ref, ...stored } })
  }
  for (const { record } of index.assignments()) yield toPut({ assignment: record })
}

function* inPieces<T>(rows: Iterable<T>): Generator<readonly T[]> {
  let piece: T[] = []
  for (const row of rows) {
    piece.push(row)
    if (piece.length < PIECE_ROWS) continue
    yield piece
    piece = []
  }
  if (piece.length > 0) yield piece
}
