import { decodeValue, isIllTyped, memberOf } from '../model/decode-value.ts'
import { PolicyLangError } from '../model/errors.ts'
import { type Clock, createClock } from './clock.ts'
import type { ReadRequest } from './read-request.ts'
import type { Reads } from './reads.ts'
import { failure } from './result.ts'
import type { DecideOptions } from './session.ts'

const PATH = '$.context.now'

/**
 * The clock of a decision: the caller's, or the request's own `context.now` where that is allowed.
 * @throws PolicyLangError `clock-not-allowed` where the request sets a clock that is not its to set
 */
export function createRequestClock(request: ReadRequest, options: DecideOptions, reads: Reads): Clock {
  const json = memberOf(request.context, 'now')
  if (json === undefined) return createClock(() => options.now?.() ?? failure('there is no clock'))
  if (options.allowRequestClock !== true) {
    const problems = [{ path: PATH, message: 'may not be set by the request' }]
    throw new PolicyLangError('clock-not-allowed', 'the request may not set `context.now`', { problems })
  }
  const decoded = decodeValue(json, { kind: 'datetime' }, PATH)
  return createClock(() => {
    reads.request(PATH)
    return isIllTyped(decoded) ? failure(`${PATH} is ill-typed: ${decoded.message}`, decoded) : decoded
  })
}
