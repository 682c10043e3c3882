/** What a `PdpServerError` can be about. */
export type PdpServerErrorCode =
  // --- before the service runs ---
  /** A configuration value that cannot be, or a key that does not exist. */
  | 'bad-configuration'
  /** A folder or file that cannot be read, or is too large. */
  | 'unreadable-files'
  /** A file that cannot be written. */
  | 'unwritable-file'
  /** The policy set has errors. */
  | 'bad-policies'
  /** The entity data does not fit the policy set. */
  | 'bad-entity-data'
  /** A bundle that is not signed as it must be, is older, foreign or broken. */
  | 'bad-bundle'
  /** A file that holds no key for bundles. */
  | 'bad-bundle-key'
  /** A source holds something older than what was in use. */
  | 'older-state'
  /** An address that others can reach, without authentication of callers. */
  | 'unsafe-host'
  /** The port is taken, or the address is none of this machine. */
  | 'cannot-listen'
  // --- while it answers ---
  | 'malformed-request'
  /** What a write is about is not there. */
  | 'not-found'
  /** What is there keeps a write from being done. */
  | 'conflict'
  /** What is there is not what the sender of a write thinks. */
  | 'precondition-failed'
  /** An idempotency key that came with another request before. */
  | 'key-reused'
  /** The disk of the entity store is full. */
  | 'store-full'
  /** The entity store takes no writes now. */
  | 'store-closed'
  /** The disk of the entity store failed while it was written. */
  | 'store-failed'
  | 'payload-too-large'
  | 'unsupported-media-type'
  /** Sent to this machine under the name of another. */
  | 'misdirected-request'
  /** What a caller sent is not what it signed. */
  | 'bad-signature'
  /** The caller is known, and may not do this. */
  | 'insufficient-scope'
  /** Whether a token is good, nobody can tell now. */
  | 'token-not-checked'
  /** No policy set is loaded. */
  | 'not-ready'
  /** The state that decisions rest on may long be out of date. */
  | 'stale'
  /** The request asks for newer policies or data than are loaded. */
  | 'too-old'
  /** More searches are under way than can be. */
  | 'overloaded'
  /** Nobody waits for the answer any more. */
  | 'abandoned'
  /** The record of a decision could not be made safe, so the decision is withheld. */
  | 'not-recorded'

/** One thing wrong with a request. */
export interface RequestProblem {
  /** JSON path, such as `$.subject.id`. */
  readonly path: string
  readonly detail: string
}

export interface PdpServerErrorOptions {
  readonly problems?: readonly RequestProblem[]
  readonly cause?: unknown
  /** Whether the same may be right at another time. Default false. */
  readonly isForNow?: boolean
}

/** The one exception of this package. The message is for whoever made the mistake, and holds no internals. */
export class PdpServerError extends Error {
  readonly code: PdpServerErrorCode
  /** All that is wrong with a request; else empty. */
  readonly problems: readonly RequestProblem[]
  /** Whether the same may be right at another time. */
  readonly isForNow: boolean

  constructor(code: PdpServerErrorCode, message: string, options: PdpServerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PdpServerError'
    this.code = code
    this.problems = options.problems ?? []
    this.isForNow = options.isForNow ?? false
  }
}
