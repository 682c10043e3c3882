// What is told of a decision, and to whom.

import type { Answer, DecisionRequest } from '@edict/policy-lang/program'
import type { SearchRecord } from './search-record.ts'

/** Where the decisions of one exchange come from. */
export interface DecisionOrigin {
  /** The `Edict-Decision-Id` of the exchange. Default: a new UUID. */
  readonly id?: string
  /** As it was sent (W3C Trace Context §3.2, §3.3); looked at by whoever uses it. */
  readonly traceparent?: string | undefined
  readonly tracestate?: string | undefined
  /** Who asks, as authentication names it. INVARIANT: a name, never a credential. */
  readonly caller?: string | undefined
  /** The id of the API key that it came with; no secret. */
  readonly keyId?: string | undefined
}

/** One decision, as it was made. Request and answer are those of the exchange: to be read soon, and never changed. */
export interface DecisionRecord {
  /** The exchange's id; in a batch, with the item's index: `ID.0`. */
  readonly id: string
  /** Its place in a batch; undefined where it came alone. */
  readonly index: number | undefined
  readonly origin: DecisionOrigin & { readonly id: string }
  /** The instant that it was decided at, in epoch milliseconds. */
  readonly time: number
  /** How long the engine took. */
  readonly durationMs: number
  readonly request: DecisionRequest
  readonly answer: Answer
  readonly policyVersion: string
  /** Undefined where no entity data is loaded. */
  readonly dataVersion: string | undefined
  /** Whether the answer was made before, and given again. Default false. */
  readonly isCached?: boolean | undefined
}

export interface DecisionHooks {
  /**
   * Told of each decision before it goes out. It must be quick; what it throws becomes the answer (500). Where answers
   * have to wait for their records, it gives what ends once this one is safe, or throws where it cannot be.
   * Default: nobody is told, at no cost.
   */
  readonly onDecision?: ((record: DecisionRecord) => Promise<void> | undefined) | undefined
  /** Told of each page of a search, like `onDecision`, instead of each of its decisions. Default: nobody is told. */
  readonly onSearch?: ((record: SearchRecord) => Promise<void> | undefined) | undefined
}
