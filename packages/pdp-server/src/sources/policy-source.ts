// Where policies come from, and often the entity data that fits them: a folder, a bundle that is fetched, …
// A source loads and checks; what becomes of it (swap, numbers, log, metrics, readiness) is the reloader's.
import type { EntityStore, PolicySet } from '@edict/policy-lang/program'
import type { StateNumbers } from '../decide/state-numbers.ts'

/** One whole that a source holds: checked, ready to answer, never changed. */
export interface SourceState {
  readonly policySet: PolicySet
  /** Left out: the source has no entity data. */
  readonly entities?: EntityStore
  /** What was loaded, by kind, for people. */
  readonly counts?: Readonly<Record<string, number>>
  /**
   * Numbers that the source itself gives its versions, such as a bundle's revision: they only grow, and mean the same
   * in every service. Left out: the reloader gives numbers, which only this service knows.
   */
  readonly numbers?: Partial<StateNumbers>
  /**
   * Keeps it on disk, for a start where the source is down: called once it is known to fit, and before it decides, so
   * that no answer is forgotten by a restart. Takes an instant. Throws `PdpServerError` `unwritable-file`.
   */
  readonly keep?: () => void
  /**
   * The same without making anybody wait, for what is sure to be put in place: `keep` has nothing left to do then.
   * Rejects with `PdpServerError` `unwritable-file`.
   */
  readonly keepSoon?: () => Promise<void>
}

/** Why what a source holds now does not load. */
export interface SourceFailure {
  readonly what: 'policy' | 'data'
  /** One sentence, for the log and for readiness, which anybody may read: it holds no text of policies or data. */
  readonly summary: string
  /** All that is wrong, for the log. */
  readonly details?: readonly object[]
  readonly cause?: unknown
}

/** Told by a source. Instants are `ticks` from before the source was looked at (`sources/ticks.ts`). */
export interface SourceListener {
  /**
   * Makes ready what is about to be told as `loaded`, which is to wait for it, and puts on disk what must be there before
   * it decides. Takes a fraction of a second and what the disk takes, never rejects, and changes nothing about what
   * decides. Left out: nothing is gained by it.
   */
  readonly prepare?: (state: SourceState) => Promise<void>
  /** The source holds something new. Gives whether it was put in place: where it does not fit, it was not. */
  readonly loaded: (state: SourceState, checkedAt: number) => boolean
  /** What was loaded last is still what the source holds. Gives whether it is in place, if only now. */
  readonly confirmed: (checkedAt: number) => boolean
  /** The source could not be read, or what it holds does not load. Told once for each new fault. */
  readonly failed: (failure: SourceFailure) => void
}

export interface PolicySource {
  /** Names the source for people, and its numbers on disk: two sources of one name count as one. */
  readonly name: string
  /** Follows the source from now on. Ends once the first look is over, whatever came of it; never rejects. */
  readonly start: (listener: SourceListener) => Promise<void>
  /** Looks at once, at what has not changed too; ends once the listener was told. Never rejects. */
  readonly reload: () => Promise<void>
  /** The listener hears nothing more once this is called. */
  readonly stop: () => Promise<void>
}
