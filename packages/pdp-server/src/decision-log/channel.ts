// Where lines of the log go: one file for each kind. A channel delivers or throws; waiting, counting and bounds are
// the outlet's.

/** Whole lines, as bytes. */
export interface Chunk {
  readonly bytes: Buffer
  readonly lineCount: number
}

export interface Channel {
  /** For people and metrics: `stdout`, `file`, `http`. */
  readonly name: string
  /** Before the first delivery, to see that it will work. Throws `PdpServerError` where it cannot. */
  readonly prepare?: () => Promise<void>
  /**
   * Ends once the chunks are as safe as this channel makes them. Throws `DeliveryError`, or whatever went wrong, which
   * may be tried again; what was half written then is undone, or told apart from lines.
   */
  readonly deliver: (chunks: readonly Chunk[]) => Promise<void>
  /** Most bytes of one delivery. */
  readonly maxDeliveryBytes: number
  /** Longest pause between two tries, in milliseconds. */
  readonly maxPauseMs: number
  /** Told once, before the first delivery, who wants to know what happens between deliveries. */
  readonly attach?: (owner: ChannelOwner) => void
  /** How it does besides what deliveries tell. */
  readonly condition?: () => ChannelCondition
  /** The process stops: deliveries have this long from now, and should be done in half of it. */
  readonly hurry?: (timeoutMs: number) => void
  /** After the last delivery. */
  readonly close: () => Promise<void>
}

export interface ChannelOwner {
  /** Lines that were accepted are lost after all. */
  readonly onLost: (lineCount: number, reason: DropReason) => void
  /** `condition` begins or ceases to be a failure. */
  readonly onChange: () => void
}

export interface ChannelCondition {
  /** Why lines are safe but do not go where they should; undefined while they do. */
  readonly failure: string | undefined
  /** Bytes on disk that the receiver has not taken yet. */
  readonly spooledBytes: number
}

/**
 * - `buffer-full`: nobody took what was waiting.
 * - `refused`: the receiver said that it never will.
 * - `stopped`: the process had to end.
 * - `spool-lost`: a file of the spool, or a line there, could not be read any more.
 */
export type DropReason = 'buffer-full' | 'refused' | 'stopped' | 'spool-lost'

/** Why a delivery failed, where it is known what to do about it. */
export class DeliveryError extends Error {
  /** Left out: nothing is gained by trying these again. */
  readonly retryAfterMs: number | undefined
  readonly isFinal: boolean

  constructor(message: string, options: { readonly isFinal?: boolean; readonly retryAfterMs?: number } = {}) {
    super(message)
    this.name = 'DeliveryError'
    this.isFinal = options.isFinal ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}
