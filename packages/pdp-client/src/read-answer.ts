// Turns what came over the wire into an answer. The decision point is trusted to decide, not to be well-formed:
// whatever is not exactly an answer throws, and the caller makes a deny of it.
import { PdpClientError } from './errors.ts'
import {
  badResponse,
  isObject,
  isText,
  own,
  readDuties,
  readNumber,
  readObject,
  readObjects,
  readString,
} from './read-json.ts'
import type {
  Answer,
  Cacheable,
  Decision,
  EvaluationError,
  Footprint,
  IgnoredInput,
  Reason,
} from './types.ts'

/**
 * An answer of the decision point. Members that this version does not know are dropped. What only informs (reasons,
 * errors, …) must be of the right kind; its content is passed on as it came.
 */
export function readAnswer(value: unknown): Answer {
  const body = readObject(value, 'the answer')
  const ignored = own(body, 'ignored')
  const footprint = own(body, 'footprint')
  return {
    decision: readDecision(own(body, 'decision')),
    reasons: readObjects<Reason>(own(body, 'reasons'), 'reasons'),
    obligations: readDuties(own(body, 'obligations'), 'obligations'),
    advice: readDuties(own(body, 'advice'), 'advice'),
    errors: readObjects<EvaluationError>(own(body, 'errors'), 'errors'),
    errorCount: readNumber(own(body, 'errorCount'), 'errorCount'),
    policyVersion: readString(own(body, 'policyVersion'), 'policyVersion'),
    cacheable: readCacheable(own(body, 'cacheable')),
    ...(ignored !== undefined && { ignored: readObjects<IgnoredInput>(ignored, 'ignored') }),
    ...(footprint !== undefined && { footprint: readObject<Footprint>(footprint, 'footprint') }),
  }
}

/** The answers of a batch: a list of unknown things, as many as were asked for. */
export function readBatch(value: unknown, expectedLength: number): readonly unknown[] {
  const answers = own(readObject(value, 'the answer'), 'answers')
  if (!Array.isArray(answers)) throw badResponse('`answers` is not a list')
  if (answers.length !== expectedLength) {
    throw badResponse(`${answers.length} answers came for ${expectedLength} requests`)
  }
  return answers
}

/** An answer of a batch: an answer, or problem details where that one request has none. */
export function readBatchItem(value: unknown): Answer {
  const status = isObject(value) && !Object.hasOwn(value, 'decision') ? own(value, 'status') : undefined
  if (typeof status === 'number') {
    const code = status === 400 ? 'malformed-request' : 'http-status'
    throw new PdpClientError(code, describeProblem(value), { status })
  }
  return readAnswer(value)
}

/** What problem details (RFC 9457) say, for the message of an error. Cut, since it is foreign text. */
export function describeProblem(problem: unknown): string {
  const refused = 'the decision point refused the request'
  if (!isObject(problem)) return refused
  const errors = own(problem, 'errors')
  const places = (Array.isArray(errors) ? errors.filter(isObject) : []).slice(0, 3)
  const parts = [
    own(problem, 'detail') ?? own(problem, 'title'),
    ...places.map((error) => [own(error, 'path'), own(error, 'detail')].filter(isText).join(' ')),
  ]
  return [refused, ...parts.filter(isText)].join(': ').slice(0, 500)
}

function readDecision(value: unknown): Decision {
  if (value === 'allow' || value === 'deny') return value
  throw badResponse('`decision` is neither "allow" nor "deny"')
}

function readCacheable(value: unknown): Cacheable {
  if (value === false) return false
  const until = own(readObject(value, 'cacheable'), 'until')
  if (until === null || typeof until === 'string') return { until }
  throw badResponse('`cacheable.until` is neither a string nor null')
}
