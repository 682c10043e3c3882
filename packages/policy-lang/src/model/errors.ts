/** What a `PolicyLangError` can be about. */
export type PolicyLangErrorCode =
  /** The request is no request: see `problems`. */
  | 'malformed-request'
  /** In strict mode: a value of the request does not fit its declared type. */
  | 'invalid-request'
  /** The request holds `context.now`, and the caller may not set the clock. */
  | 'clock-not-allowed'
  /** The policy sources have errors. */
  | 'invalid-policy-set'
  /** The text is no serialised Program, or one of another format version. */
  | 'invalid-program'

/** One thing wrong with an input. */
export interface InputProblem {
  /** JSON path, such as `$.subject.id`. */
  readonly path: string
  readonly message: string
}

export interface PolicyLangErrorOptions {
  readonly problems?: readonly InputProblem[]
  readonly cause?: unknown
}

/** The one exception of this package: misuse of its API. Policy text and evaluation never throw. */
export class PolicyLangError extends Error {
  readonly code: PolicyLangErrorCode
  /** All that is wrong, where the input was at fault; else empty. */
  readonly problems: readonly InputProblem[]

  constructor(code: PolicyLangErrorCode, message: string, options: PolicyLangErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PolicyLangError'
    this.code = code
    this.problems = options.problems ?? []
  }
}
