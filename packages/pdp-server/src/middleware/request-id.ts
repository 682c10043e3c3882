import { toProblem } from '../wire/problem.ts'
import type { Gate } from './gate.ts'

const MAX_LENGTH = 256
/** Visible ASCII and blanks. Other bytes would go out as other bytes than came in, so as another id (RFC 9110 §5.5). */
const PRINTABLE = /^[\x20-\x7e]+$/

/** Answers with the `X-Request-ID` that was sent, errors included (AuthZEN 1.0 §10.1), and refuses odd ones. */
export const echoRequestId: Gate = (exchange) => {
  const id = exchange.header('x-request-id')
  if (id === undefined || id === '') return undefined
  if (id.length > MAX_LENGTH || !PRINTABLE.test(id)) {
    // Echoed in part it would be another id, and the sender could take the answer for that of another request.
    return toProblem(400, `X-Request-ID must be at most ${MAX_LENGTH} printable ASCII characters`)
  }
  exchange.requestId = id
  exchange.setHeader('X-Request-ID', id)
  return undefined
}
