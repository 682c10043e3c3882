// Conditions under which a write is wanted (RFC 9110 §13.1): of what is there now, its number is the entity tag.
import { PdpServerError } from '../errors.ts'

export interface Preconditions {
  /** The value of `If-Match`. */
  readonly ifMatch?: string | undefined
  /** The value of `If-None-Match`. */
  readonly ifNoneMatch?: string | undefined
}

const ETAG_LIST = /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*\s*$/

export function toEtag(number: number): string {
  return `"${number}"`
}

/**
 * Throws `PdpServerError`: `precondition-failed` where the write is not wanted, `malformed-request` where a condition
 * is none.
 *
 * @param number of what is there now; undefined: nothing
 * @param path of the write in the request, for problems
 */
export function checkPreconditions(
  { ifMatch, ifNoneMatch }: Preconditions,
  number: number | undefined,
  path = '',
): void {
  if (ifMatch !== undefined && !matches(ifMatch, number, 'If-Match')) {
    const now = number === undefined ? 'there is nothing' : `it is ${toEtag(number)}`
    throw new PdpServerError('precondition-failed', `${path}If-Match does not hold: ${now}`)
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, number, 'If-None-Match')) {
    throw new PdpServerError('precondition-failed', `${path}If-None-Match does not hold: it is there already`)
  }
}

/** Strong comparison: a weak tag is none of ours. */
export function matches(condition: string, number: number | undefined, name: string): boolean {
  if (condition.trim() === '*') return number !== undefined
  if (!ETAG_LIST.test(condition)) {
    throw new PdpServerError('malformed-request', `${name} must be entity tags such as "17", or *`)
  }
  if (number === undefined) return false
  return condition.split(',').some((tag) => tag.trim() === toEtag(number))
}
