/** Thrown when a decision has used up its steps; caught by `decide` alone. */
export class BudgetExceeded extends Error {}

/** Counts the work of one decision, so that no input can make it endless. */
export interface Meter {
  /** @param count how many steps; work on big values counts by their size */
  step(count?: number): void
}

export function createMeter(budget: number): Meter {
  let rest = budget
  return {
    step(count = 1) {
      rest -= count
      if (rest < 0) throw new BudgetExceeded()
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
