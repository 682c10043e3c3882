export interface LookPausesOptions {
  /** About how long to wait between looks that bring something. */
  readonly pollMs: number
  /** From 0 up to 1. */
  readonly random: () => number
}

const FIRST_PAUSE_MS = 1000
/** A failing origin is asked less often than one that works, but not so seldom that its return goes unseen for long. */
const MAX_POLLS_APART = 4

/** How long to wait before the next look. Spread out, so that many services do not ask at once. */
export class LookPauses {
  readonly #options: LookPausesOptions
  #failureCount = 0
  #retryAfterMs = 0

  constructor(options: LookPausesOptions) {
    this.#options = options
  }

  succeeded(): void {
    this.#failureCount = 0
    this.#retryAfterMs = 0
  }

  /** @param retryAfterMs how long the origin asks to be left alone */
  failed(retryAfterMs: number): void {
    this.#failureCount++
    this.#retryAfterMs = retryAfterMs
  }

  nextMs(): number {
    const { pollMs, random } = this.#options
    if (this.#failureCount === 0) return pollMs * (0.9 + 0.2 * random())
    const backoff = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failureCount - 1), MAX_POLLS_APART * pollMs)
    return Math.max(backoff * (0.5 + 0.5 * random()), this.#retryAfterMs)
  }
}
