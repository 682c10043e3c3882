// Parts of what came over the wire: each is of the kind it must be, or throws.
import { PdpClientError } from './errors.ts'
import type { AnswerDuty, JsonObject } from './types.ts'

export interface UnknownObject {
  readonly [key: string]: unknown
}

export function readDuties(value: unknown, name: string): readonly AnswerDuty[] {
  return readObjects(value, name).map((duty) => ({
    name: readString(own(duty, 'name'), `${name}[].name`),
    args: readObject<JsonObject>(own(duty, 'args'), `${name}[].args`),
  }))
}

export function readObjects<T = UnknownObject>(value: unknown, name: string): readonly T[] {
  if (!Array.isArray(value) || value.some((item) => !isObject(item))) {
    throw badResponse(`\`${name}\` is not a list of objects`)
  }
  return value
}

export function readObject<T = UnknownObject>(value: unknown, name: string): T {
  if (!isObject(value)) throw badResponse(`${name} is not an object`)
  return value as T
}

export function readString(value: unknown, name: string): string {
  if (typeof value !== 'string') throw badResponse(`\`${name}\` is not a string`)
  return value
}

export function readNumber(value: unknown, name: string): number {
  if (typeof value !== 'number') throw badResponse(`\`${name}\` is not a number`)
  return value
}

/** Own members only: a polluted `Object.prototype` must not fill in for a missing decision. */
export function own(object: UnknownObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isObject(value: unknown): value is UnknownObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function badResponse(message: string): PdpClientError {
  return new PdpClientError('bad-response', message)
}
