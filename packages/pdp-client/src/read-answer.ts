// Turns what came over the wire into an answer. The decision point is trusted to decide, not to be well-formed:
// whatever is not exactly an answer throws, and the caller makes a deny of it.
import { PdpClientError } from './errors.ts'
import type { Answer, AnswerDuty, Cacheable, Decision, Footprint, JsonObject } from './types.ts'

/** An answer of the decision point. Members that this version does not know are dropped. */
export function readAnswer(value: unknown): Answer {
  const body = readObject(value, 'the answer')
  const answer = {
    decision: readDecision(own(body, 'decision')),
    reasons: readObjects(own(body, 'reasons'), 'reasons') as unknown as Answer['reasons'],
    obligations: readDuties(own(body, 'obligations'), 'obligations'),
    advice: readDuties(own(body, 'advice'), 'advice'),
    errors: readObjects(own(body, 'errors'), 'errors') as unknown as Answer['errors'],
    errorCount: readNumber(own(body, 'errorCount'), 'errorCount'),
    policyVersion: readString(own(body, 'policyVersion'), 'policyVersion'),
    cacheable: readCacheable(own(body, 'cacheable')),
  }
  const ignored = own(body, 'ignored')
  const footprint = own(body, 'footprint')
  return {
    ...answer,
    ...(ignored === undefined
      ? {}
      : { ignored: readObjects(ignored, 'ignored') as unknown as NonNullable<Answer['ignored']> }),
    ...(footprint === undefined
      ? {}
      : { footprint: readObject(footprint, 'footprint') as unknown as Footprint }),
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
    args: readObject(own(duty, 'args'), `${name}[].args`) as JsonObject,
  }))
}

function readCacheable(value: unknown): Cacheable {
  if (value === false) return false
  const until = own(readObject(value, 'cacheable'), 'until')
  if (until === null || typeof until === 'string') return { until }
  throw badResponse('`cacheable.until` is neither a string nor null')
}

function readObjects(value: unknown, name: string): readonly { readonly [key: string]: unknown }[] {
  if (!Array.isArray(value) || !value.every(isObject))
    throw badResponse(`\`${name}\` is not a list of objects`)
  return value
}

function readObject(value: unknown, name: string): { readonly [key: string]: unknown } {
  if (!isObject(value)) throw badResponse(`${name} is not an object`)
  return value
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
function own(object: { readonly [key: string]: unknown }, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badResponse(message: string): PdpClientError {
  return new PdpClientError('bad-response', message)
}
