import { PolicyLangError } from '../model/errors.ts'
import { pathStep } from '../model/json-path.ts'

/** Where a part of a JSON document stands: spelt out only when something is wrong with it. */
export interface JsonPlace {
  readonly parent?: JsonPlace
  readonly step: string | number
  readonly depth: number
}

/** Reading recurses: what nests deeper than any program is refused before it reaches the end of the stack. */
const MAX_JSON_DEPTH = 1500

/** Reads untrusted JSON into a fresh, typed copy, or throws `invalid-program` with the path of the fault. */
export interface Reader<T> {
  (json: unknown, at: JsonPlace): T
  /** What is taken as it is: told without a place, since most members are such and places cost more than they. */
  readonly accepts?: (json: unknown) => boolean
}

/** Marks a member that may be left out. */
interface OptionalReader<T> {
  readonly optional: Reader<T>
}

/** A reader for every member of `T`. */
export type Shape<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? OptionalReader<Exclude<T[K], undefined>>
    : Reader<T[K]>
}

export const ROOT: JsonPlace = { step: '$', depth: 0 }

export function below(parent: JsonPlace, step: string | number): JsonPlace {
  if (parent.depth === MAX_JSON_DEPTH) return fail(parent, 'nested too deeply')
  return { parent, step, depth: parent.depth + 1 }
}

export function fail(at: JsonPlace, message: string): never {
  const path = renderPath(at)
  throw new PolicyLangError('invalid-program', `not a valid program: ${message} at ${path}`, {
    problems: [{ path, message }],
  })
}

function renderPath(at: JsonPlace): string {
  const steps: string[] = []
  for (let place: JsonPlace | undefined = at; place !== undefined; place = place.parent) {
    steps.push(place.parent === undefined ? String(place.step) : pathStep(place.step))
  }
  return steps.reverse().join('')
}

function readPlain<T>(accepts: (json: unknown) => boolean, expected: string): Reader<T> {
  const read = (json: unknown, at: JsonPlace): T =>
    accepts(json) ? (json as T) : fail(at, `expected ${expected}`)
  return Object.assign(read, { accepts })
}

export const readString: Reader<string> = readPlain((json) => typeof json === 'string', 'a string')

export const readBoolean: Reader<boolean> = readPlain((json) => typeof json === 'boolean', 'true or false')

export function readInteger(min: number, max: number): Reader<number> {
  const isInRange = (json: unknown): boolean =>
    typeof json === 'number' && Number.isInteger(json) && json >= min && json <= max
  return readPlain(isInRange, `a whole number from ${min} to ${max}`)
}

export function readNumber(min: number, max: number): Reader<number> {
  const isInRange = (json: unknown): boolean => typeof json === 'number' && json >= min && json <= max
  return readPlain(isInRange, `a number from ${min} to ${max}`)
}

export function readOneOf<const T extends string | number | boolean>(...values: readonly T[]): Reader<T> {
  const expected = values.map((value) => JSON.stringify(value)).join(' or ')
  return readPlain((json) => values.some((value) => value === json), expected)
}

export function readArray<T>(readElement: Reader<T>, minLength = 0): Reader<readonly T[]> {
  return (json, at) => {
    if (!Array.isArray(json)) return fail(at, 'expected an array')
    if (json.length < minLength) return fail(at, `expected at least ${minLength} elements`)
    // A plain loop: it keeps what nests in arrays shallow on the stack.
    const elements: T[] = []
    for (let index = 0; index < json.length; index += 1) {
      const element: unknown = json[index]
      const isTaken = readElement.accepts?.(element) === true
      elements.push(isTaken ? (element as T) : readElement(element, below(at, index)))
    }
    return elements
  }
}

/** All members that the shape names and no others. */
export function readObject<T>(shape: Shape<T>): Reader<T> {
  const members = Object.entries(shape) as [string, Reader<unknown> | OptionalReader<unknown>][]
  return (json, at) => {
    const object = openObject(json, at)
    for (const name of Object.keys(object)) {
      if (!Object.hasOwn(shape, name)) return fail(below(at, name), 'unexpected member')
    }
    const result: Record<string, unknown> = {}
    for (const [name, reader] of members) {
      const read = typeof reader === 'function' ? reader : reader.optional
      if (Object.hasOwn(object, name)) {
        const value = object[name]
        result[name] = read.accepts?.(value) === true ? value : read(value, below(at, name))
      } else if (typeof reader === 'function') return fail(at, `missing member \`${name}\``)
    }
    return result as T
  }
}

/** A union told apart by one member. */
export function readTagged<T>(tag: string, readers: ReadonlyMap<string, Reader<T>>): Reader<T> {
  return (json, at) => {
    const object = openObject(json, at)
    const value = Object.hasOwn(object, tag) ? object[tag] : undefined
    const read = typeof value === 'string' ? readers.get(value) : undefined
    return read === undefined ? fail(below(at, tag), `unknown \`${tag}\``) : read(json, at)
  }
}

export function openObject(json: unknown, at: JsonPlace): Readonly<Record<string, unknown>> {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  return isObject ? (json as Readonly<Record<string, unknown>>) : fail(at, 'expected an object')
}
