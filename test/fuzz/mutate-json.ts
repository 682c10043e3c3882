// Changes to a JSON value that leave it one: a member less, another value, another name, more or deeper of it.
import { HOSTILE_JSON, HOSTILE_NAMES, HOSTILE_NUMBERS, HOSTILE_TEXTS } from './hostile.ts'
import type { Random } from './random.ts'

type Container = Record<string, unknown>

/** A member of an object or an array that can be changed. */
interface Place {
  readonly container: Container
  readonly key: string
}

/** `values`: what else may stand in a place. */
export function mutateJson(
  value: unknown,
  random: Random,
  values: readonly unknown[] = HOSTILE_JSON,
): unknown {
  const box: Container = { root: structuredClone(value) }
  const places = placesOf(box)
  const place = random.pick(places)
  const current = place.container[place.key]
  switch (random.below(9)) {
    case 0:
      remove(place)
      break
    case 1:
      put(place, structuredClone(valueAt(random.pick(places))))
      break
    case 2: {
      const other = random.pick(places)
      const taken = structuredClone(valueAt(other))
      put(other, structuredClone(current))
      put(place, taken)
      break
    }
    case 3:
      add(place, random.oneIn(2) ? random.pick(HOSTILE_NAMES) : `${place.key}x`, structuredClone(current))
      break
    case 4:
      put(place, wrap(current, random))
      break
    case 5:
      if (Array.isArray(current)) put(place, repeat(current, 1 + random.below(20)))
      else put(place, [current, current])
      break
    case 6:
      put(place, nudge(current, random))
      break
    default:
      put(place, structuredClone(random.pick(values)))
  }
  return box.root
}

function placesOf(box: Container): readonly Place[] {
  const places: Place[] = [{ container: box, key: 'root' }]
  for (const place of places) {
    const value = valueAt(place)
    if (typeof value !== 'object' || value === null) continue
    for (const key of Object.keys(value)) places.push({ container: value as Container, key })
  }
  return places
}

function valueAt({ container, key }: Place): unknown {
  return Object.getOwnPropertyDescriptor(container, key)?.value
}

/** Never assigns: `__proto__` is a name like any other. */
function put({ container, key }: Place, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(Number(key), 1)
  else delete container[key]
}

function add({ container, key }: Place, name: string, value: unknown): void {
  if (Array.isArray(container)) container.splice(Number(key), 0, value)
  else put({ container, key: name }, value)
}

function wrap(value: unknown, random: Random): unknown {
  let wrapped = value
  const isObject = random.oneIn(2)
  for (let depth = random.pick([1, 2, 70, 400]); depth > 0; depth--) {
    wrapped = isObject ? { x: wrapped } : [wrapped]
  }
  return wrapped
}

function repeat(list: readonly unknown[], times: number): readonly unknown[] {
  return Array.from({ length: Math.min(times, 1 + Math.floor(300 / (list.length + 1))) }, () => list)
    .flat()
    .map((item) => structuredClone(item))
}

/** A value of the same kind close by. */
function nudge(value: unknown, random: Random): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return random.pick([value + 1, -value, value / 3, ...HOSTILE_NUMBERS])
  if (typeof value !== 'string') return typeof value === 'object' ? [value] : String(value)
  const at = random.below(value.length + 1)
  return random.pick([
    value.slice(0, at) + value.slice(at + 1),
    value.slice(0, at) + random.pick(HOSTILE_TEXTS) + value.slice(at),
    value.toUpperCase(),
    ` ${value}`,
    `${value}\0`,
  ])
}

/** Smaller values: each with one member less, or with a smaller value in one place. */
export function* shrinkJson(value: unknown): Generator<unknown> {
  const count = placesOf({ root: value }).length
  for (let index = 0; index < count; index++) {
    const smaller = changed(value, index, remove)
    if (smaller !== undefined) yield smaller
  }
  for (let index = 0; index < count; index++) {
    const smaller = changed(value, index, (place) => put(place, smallerThan(valueAt(place))))
    if (sizeOf(smaller) < sizeOf(value)) yield smaller
  }
}

function changed(value: unknown, index: number, change: (place: Place) => void): unknown {
  const box: Container = { root: structuredClone(value) }
  const place = placesOf(box)[index]
  if (place !== undefined) change(place)
  return box.root
}

/** Values that are no JSON count as nothing. */
function sizeOf(value: unknown): number {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? 0 : inner))?.length ?? 0
}

function smallerThan(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, Math.floor(value.length / 2))
  if (typeof value === 'string') return value.slice(0, Math.floor(value.length / 2))
  return typeof value === 'object' ? {} : 0
}
