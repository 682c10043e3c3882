/**
 * What kept an answer from being used.
 *
 * - `timeout`: no complete answer within `timeoutMs`.
 * - `aborted`: the caller's signal fired.
 * - `network`: the request did not get through, or the connection broke.
 * - `http-status`: a status other than 200, redirects included; `status` holds it.
 * - `bad-response`: status 200, but not an answer: content type, size, JSON, shape or request id are wrong.
 * - `malformed-request`: the question is no question, told here or by the decision point (status 400).
 * - `headers`: the `headers` option failed or gave something that is no header.
 * - `obligation-not-understood`: an allow that carries an obligation outside `understoodObligations`.
 * - `bad-configuration`: thrown by `createPdpClient` alone.
 */
export type PdpClientErrorCode =
  | 'timeout'
  | 'aborted'
  | 'network'
  | 'http-status'
  | 'bad-response'
  | 'malformed-request'
  | 'headers'
  | 'obligation-not-understood'
  | 'bad-configuration'

/** Facts beside the message. */
export interface PdpClientErrorDetails {
  readonly cause?: unknown
  readonly status?: number
  readonly requestId?: string
}

/** Why an answer is a deny although the decision point did not say so. */
export class PdpClientError extends Error {
  readonly code: PdpClientErrorCode
  /** HTTP status, where one came. */
  readonly status?: number
  /** The `X-Request-ID` that was sent: the key to the decision point's logs. */
  readonly requestId?: string

  constructor(code: PdpClientErrorCode, message: string, details: PdpClientErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'PdpClientError'
    this.code = code
    if (details.status !== undefined) this.status = details.status
    if (details.requestId !== undefined) this.requestId = details.requestId
  }
}

/** `error` itself if it is one of ours, else one of ours with `error` as its cause. */
export function toPdpClientError(
  error: unknown,
  code: PdpClientErrorCode,
  message: string,
  details: Omit<PdpClientErrorDetails, 'cause'> = {},
): PdpClientError {
  if (error instanceof PdpClientError) return error
  return new PdpClientError(code, message, { ...details, cause: error })
}
