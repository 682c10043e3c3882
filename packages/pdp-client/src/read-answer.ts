// Turns what came over the wire into an answer. The decision point is trusted to decide, not to be well-formed:
// whatever is not exactly an answer throws, and the caller makes a deny of it.
import { PdpClientError } from './errors.ts'
import type {
  Answer,
  AnswerDuty,
  Cacheable,
  Decision,
  EvaluationError,
  Footprint,
  IgnoredInput,
  JsonObject,
  Reason,
} from './types.ts'

interface UnknownObject {
  readonly [key: string]: unknown
}

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

function readDuties(value: unknown, name: string): readonly AnswerDuty[] {
  return readObjects(value, name).map((duty) => ({
    name: readString(own(duty, 'name'), `${name}[].name`),
    args: readObject<JsonObject>(own(duty, 'args'), `${name}[].args`),
  }))
}

function readCacheable(value: unknown): Cacheable {
  if (value === false) return false
  const until = own(readObject(value, 'cacheable'), 'until')
  if (until === null || typeof until === 'string') return { until }
  throw badResponse('`cacheable.until` is neither a string nor null')
}

function readObjects<T = UnknownObject>(value: unknown, name: string): readonly T[] {
  if (!Array.isArray(value) || value.some((item) => !isObject(item))) {
    throw badResponse(`\`${name}\` is not a list of objects`)
  }
  return value
}

function readObject<T = UnknownObject>(value: unknown, name: string): T {
  if (!isObject(value)) throw badResponse(`${name} is not an object`)
  return value as T
}

function readString(value: unknown, name: string): string {
  if (typeof value !== 'string') throw badResponse(`\`${name}\` is not a string`)
  return value
}

function readNumber(value: unknown, name: string): number {
  if (typeof value !== 'number') throw badResponse(`\`${name}\` is not a number`)
  return value
}

/** Own members only: a polluted `Object.prototype` must not fill in for a missing decision. */
function own(object: UnknownObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isObject(value: unknown): value is UnknownObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badResponse(message: string): PdpClientError {
  return new PdpClientError('bad-response', message)
}
