// JSON for a declared type: mostly well typed in one of its forms, from few values, so that things meet.
import type { JsonValue } from '../../../packages/policy-lang/src/model/request.ts'
import type { Choices } from './choices.ts'
import type { Field, Type } from './model.ts'

/** Ids that every type shares. */
const IDS: readonly string[] = ['a', 'b', 'c', '__proto__', '']

export const pickId = (choices: Choices): string => choices.words.word('id', choices.pick(IDS))

/** All ids there are, or the first ones. */
export const allIds = (choices: Choices, count: number = IDS.length): string[] =>
  IDS.slice(0, count).map((id) => choices.words.word('id', id))

export const STRINGS: readonly string[] = [
  'a',
  'b',
  'ab',
  'B',
  'a*',
  '__proto__',
  '',
  'k',
  '\u{1f511}',
  '\uff5e',
]
export const MAP_KEYS: readonly string[] = ['k', 'a', '__proto__', 'constructor']
const NUMBERS: readonly number[] = [0, 1, 2, 3, -1, 0.5, 9_007_199_254_740_991, -9_007_199_254_740_991]
/** 2026-01-01T12:00:00Z, a Thursday. */
export const NOON = Date.UTC(2026, 0, 1, 12)
const DATETIMES: readonly string[] = [
  '2026-01-01T12:00:00Z',
  '2026-01-01T11:55:00.001Z',
  '2026-01-01',
  '2026-01-01T12:00:00.001Z',
  '2026-01-01T12:05:00Z',
  '2025-12-31T23:30:00+01:00',
  '2026-07-01t00:00:00.9999z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
]
const EPOCHS: readonly number[] = [
  NOON / 1000,
  NOON / 1000 - 300.5,
  NOON / 1000 + 60,
  0,
  -1.5,
  0.0015,
  253_402_300_799,
]
export const DURATIONS: readonly string[] = [
  '5m',
  '1h30m',
  '-5m',
  '90s',
  '0s',
  'P1DT2H',
  'PT300S',
  'PT1.5S',
  '2d',
]
export const ADDRESSES: readonly string[] = [
  '10.0.0.1',
  '10.0.0.0/8',
  '127.0.0.1',
  '::1',
  '::ffff:10.0.0.1',
  '224.0.0.1',
  'ff02::1',
  'fe80::/10',
  '10.0.0.1/32',
  '::ffff:10.0.0.0/104',
]

const WRONG: readonly JsonValue[] = [
  true,
  'zz',
  7,
  [],
  {},
  ['zz'],
  { type: 'nowhere', id: 'a' },
  { id: 5 },
  1e300,
]
const WRONG_TEXTS = new Map<Type['kind'], readonly JsonValue[]>([
  [
    'datetime',
    [
      '2026-02-30',
      '2026-01-01T12:00:00',
      '2026-01-01T24:00:00Z',
      253_402_300_800,
      '2026-01-01T12:00:00-00:00',
      '0000-01-01',
    ],
  ],
  ['duration', ['', '5', '5 m', '5m1h', '1h1h', 'P', 'PT', 'P1Y', 300, '1.5h']],
  ['ip', ['10.0.0.1/8', '010.0.0.1', '10.0.0', '1::2::3', 'fe80::1%eth0', '10.0.0.0/08', '10.0.0.0/33', '']],
  ['number', ['1', 9_007_199_254_740_992, true]],
  ['enum', ['nowhere', 'Public', '']],
  // Bare ids, which are only references where there is one type they can be of.
  ['entity', ['a', 'b', { type: 'User' }, { id: 'a' }, null]],
])

/** A number, rarely one at the end of the range. */
export function pickNumber(choices: Choices): number {
  return choices.pick(choices.fault(12) ? NUMBERS : NUMBERS.slice(0, 6))
}

/** A datetime, rarely the first or the last there is. */
export function pickDatetime(choices: Choices): string {
  return choices.pick(choices.isFaultless ? DATETIMES.slice(0, -2) : DATETIMES)
}

/** The value does not fit the type, or only by accident. */
export function wrongJson(type: Type, choices: Choices): JsonValue {
  const special = WRONG_TEXTS.get(type.kind)
  if (special !== undefined && choices.chance(60)) {
    const wrong = choices.pick(special)
    return type.kind === 'entity' && typeof wrong === 'string' ? choices.words.word('id', wrong) : wrong
  }
  if (type.kind === 'set' && choices.chance(60)) return [wrongJson(type.element, choices)]
  if (type.kind === 'set' && choices.chance(30)) return [null]
  return choices.pick(WRONG)
}

function entityJson(types: readonly string[], choices: Choices): JsonValue {
  const type = choices.pick(types)
  const id = pickId(choices)
  return types.length === 1 && choices.chance(40) ? id : { type, id }
}

export function jsonOf(type: Type, choices: Choices): JsonValue {
  switch (type.kind) {
    case 'bool':
      return !choices.chance(40)
    case 'string':
      return choices.pick(STRINGS)
    case 'number':
      return pickNumber(choices)
    case 'datetime':
      return choices.chance(40)
        ? choices.pick(choices.isFaultless ? EPOCHS.slice(0, -1) : EPOCHS)
        : pickDatetime(choices)
    case 'duration':
      return choices.pick(DURATIONS)
    case 'ip':
      return choices.pick(ADDRESSES)
    case 'enum':
      return choices.pick(type.values)
    case 'entity':
      return entityJson(type.types, choices)
    case 'set':
      return choices.list(0, 3, () => jsonOf(type.element, choices))
    case 'map': {
      const keys = choices.some(MAP_KEYS, 0, 3)
      return Object.fromEntries(
        keys.map((key) => [key, choices.chance(8) ? null : jsonOf(type.value, choices)]),
      )
    }
    case 'record':
      return jsonOfFields(type.fields, choices, { wrong: 2, missing: 2 })
  }
}

/** How many of a hundred values go wrong. */
export interface Faults {
  readonly wrong: number
  readonly missing: number
}

/** An object with these members; some left out, some ill-typed, some not declared. */
export function jsonOfFields(
  fields: readonly Field[],
  choices: Choices,
  faults: Faults,
): { readonly [name: string]: JsonValue } {
  const entries: (readonly [string, JsonValue])[] = []
  for (const { name, type, isOptional } of fields) {
    if (choices.fault(faults.missing) || (isOptional && choices.chance(35))) continue
    if (choices.fault(3)) entries.push([name, null])
    else entries.push([name, choices.fault(faults.wrong) ? wrongJson(type, choices) : jsonOf(type, choices)])
  }
  if (choices.chance(10)) entries.push(['undeclared', 1])
  // Members one by one: `__proto__` must become a member like any other.
  return Object.fromEntries(entries)
}
