import type { DecisionRecord } from '../decide/decision-record.ts'

/** So many characters of lines in full the items of one batch may have: what one sends once, all may inherit. */
const MAX_CHARACTERS = 4 * 1024 * 1024

/** Counts what the lines of a batch take, so that a small request makes no log of a thousand times its size. */
export class FullShare {
  readonly #written = new WeakMap<DecisionRecord['origin'], number>()

  /** Whether there is room for one more line in full. */
  hasRoom({ origin, index }: DecisionRecord): boolean {
    return index === undefined || (this.#written.get(origin) ?? 0) < MAX_CHARACTERS
  }

  count({ origin, index }: DecisionRecord, length: number): void {
    if (index !== undefined) this.#written.set(origin, (this.#written.get(origin) ?? 0) + length)
  }
}
