import type { Value } from '../model/values.ts'

/** Thrown when a decision has used up its steps; caught by `decide` alone. */
export class BudgetExceeded extends Error {}

/** Counts the work of one decision, so that no input can make it endless. */
export interface Meter {
  /** @param count how many steps; work on big values counts by their size */
  step(count?: number): void
}

/** Steps that several decisions have together; what each takes is taken off. */
export interface SharedSteps {
  left: number
}

/** @param shared steps that must do for other decisions, too */
export function createMeter(budget: number, shared?: SharedSteps): Meter {
  let rest = budget
  return {
    step(count = 1) {
      rest -= count
      // Not `rest < 0`: a budget that is no number is used up at once.
      if (!(rest >= 0)) throw new BudgetExceeded()
      if (shared === undefined) return
      shared.left -= count
      if (!(shared.left >= 0)) throw new BudgetExceeded()
    },
  }
}

const CHARACTERS_PER_STEP = 64
/** Searching compares a window of the text with the piece at each place, many characters at once. */
const COMPARISONS_PER_STEP = 4096

/** What reading a text once counts. */
export function stepsToRead(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_STEP)
}

/** What looking for a piece in a text counts, at worst. */
export function stepsToSearch(text: string, piece: string): number {
  return Math.ceil((text.length * piece.length) / COMPARISONS_PER_STEP)
}

/** What going through a whole value counts, as comparing it does. */
export function stepsToVisit(value: Value): number {
  if (typeof value === 'string') return stepsToRead(value)
  if (typeof value !== 'object') return 0
  if (value.kind === 'set') return sumSteps(value.elements)
  return value.kind === 'record' ? sumSteps(value.entries.values()) : 0
}

function sumSteps(parts: Iterable<Value>): number {
  let steps = 0
  for (const part of parts) steps += 1 + stepsToVisit(part)
  return steps
}
