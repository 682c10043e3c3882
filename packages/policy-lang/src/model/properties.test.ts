import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scopeKey, targetKey } from './assignment-key.ts'
import { compareCodePoints } from './code-points.ts'
import { formatDatetime, MAX_EPOCH_MS, MIN_EPOCH_MS, parseDatetime } from './datetime.ts'
import { decodeValue } from './decode-value.ts'
import type { TargetRecord } from './entity-data.ts'
import { equalValues } from './equal-values.ts'
import { formatIp, parseIp } from './ip.ts'
import type { JsonValue } from './request.ts'
import type { Type } from './types.ts'
import { canonicalJson, toJson } from './value-json.ts'

const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'a', ''),
  fc.string({ unit: 'grapheme' }),
)
const json = fc.jsonValue({ stringUnit: 'grapheme' }) as fc.Arbitrary<JsonValue>

const types = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Type>(
      { kind: 'bool' },
      { kind: 'string' },
      { kind: 'number' },
      { kind: 'datetime' },
      { kind: 'duration' },
      { kind: 'ip' },
      { kind: 'enum', values: ['a', 'b'] },
      { kind: 'entity', types: ['A'] },
      { kind: 'entity', types: ['A', 'B'] },
    ),
    tie('type').map((element): Type => ({ kind: 'set', element })),
    tie('type').map((value): Type => ({ kind: 'map', value })),
    fc
      .uniqueArray(fc.record({ name, type: tie('type'), isOptional: fc.boolean() }), {
        selector: (field) => field.name,
        maxLength: 3,
      })
      .map((fields): Type => ({ kind: 'record', fields })),
  ),
})).type

/** JSON that often fits. */
function jsonFor(type: Type): fc.Arbitrary<JsonValue> {
  const rarely = fc.oneof({ weight: 12, arbitrary: fitting(type) }, { weight: 1, arbitrary: json })
  return rarely
}

function fitting(type: Type): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean()
    case 'string':
      return name
    case 'number':
      return fc.oneof(fc.integer(), fc.double())
    case 'datetime':
      return fc.oneof(fc.integer(), fc.constantFrom('2026-01-01', '2026-01-01T12:00:00.5+02:00'))
    case 'duration':
      return fc.constantFrom('5m', '-1h30m', 'P1DT2H', 'PT0.5S')
    case 'ip':
      return fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.0/8', '::ffff:10.0.0.0/104'))
    case 'enum':
      return fc.constantFrom(...type.values)
    case 'entity':
      return fc.oneof(name, fc.record({ type: fc.constantFrom('A', 'B'), id: name }))
    case 'set':
      return fc.array(jsonFor(type.element), { maxLength: 4 })
    case 'map':
      return fc.dictionary(name, jsonFor(type.value), { maxKeys: 3 })
    case 'record':
      return fc
        .tuple(...type.fields.map((field) => jsonFor(field.type)))
        .map((values) =>
          Object.fromEntries(type.fields.map((field, index) => [field.name, values[index] ?? null])),
        )
  }
}
const typedJson = types.chain((type) => fc.tuple(fc.constant(type), jsonFor(type)))

describe('decodeValue', () => {
  it('takes any JSON by any type without a crash, and says where it does not fit', () => {
    fc.assert(
      fc.property(types, json, (type, any) => {
        const decoded = decodeValue(any, type, '$.x')
        if (typeof decoded === 'object' && decoded.kind === 'ill-typed')
          expect(decoded.path.startsWith('$.x')).toBe(true)
      }),
    )
  })

  it('gives values that are equal exactly where their canonical JSON is', () => {
    fc.assert(
      fc.property(
        types.chain((type) => fc.tuple(fc.constant(type), jsonFor(type), jsonFor(type))),
        ([type, a, b]) => {
          const [x, y] = [decodeValue(a, type, '$'), decodeValue(b, type, '$')]
          if (x === undefined || y === undefined) return
          if (typeof x === 'object' && x.kind === 'ill-typed') return
          if (typeof y === 'object' && y.kind === 'ill-typed') return
          expect(equalValues(x, x)).toBe(true)
          expect(equalValues(x, y)).toBe(canonicalJson(toJson(x)) === canonicalJson(toJson(y)))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('takes the order and the repetition of set elements for nothing', () => {
    fc.assert(
      fc.property(typedJson, fc.array(fc.nat(), { maxLength: 5 }), ([type, any], picks) => {
        if (type.kind !== 'set' || !Array.isArray(any)) return
        const turned = [
          ...any.toReversed(),
          ...picks.flatMap((pick) => (any.length > 0 ? [any[pick % any.length]] : [])),
        ] as JsonValue[]
        const [x, y] = [decodeValue(any as JsonValue, type, '$'), decodeValue(turned, type, '$')]
        if (typeof x === 'object' && x.kind === 'ill-typed') expect(y).toMatchObject({ kind: 'ill-typed' })
        else expect(x !== undefined && y !== undefined && equalValues(x, y as typeof x)).toBe(true)
      }),
    )
  })
})

describe('canonicalJson', () => {
  it('says the same as JSON.stringify, in an order of its own', () => {
    fc.assert(
      fc.property(json, (any) => {
        expect(JSON.parse(canonicalJson(any))).toEqual(JSON.parse(JSON.stringify(any)))
      }),
    )
  })
})

describe('compareCodePoints', () => {
  it('orders as the code points do', () => {
    const points = (text: string): readonly number[] => [...text].map((one) => one.codePointAt(0) ?? 0)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const [x, y] = [points(a), points(b)]
        const at = x.findIndex((point, index) => point !== y[index])
        const expected = at === -1 ? x.length - y.length : at >= y.length ? 1 : (x[at] ?? 0) - (y[at] ?? 0)
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected))
      }),
    )
  })
})

describe('parseDatetime and formatDatetime', () => {
  it('are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (any) => {
        const epochMs = MIN_EPOCH_MS + (Math.abs(any) % (MAX_EPOCH_MS - MIN_EPOCH_MS + 1))
        expect(parseDatetime(formatDatetime(epochMs))).toEqual({ kind: 'datetime', epochMs })
      }),
    )
  })
})

describe('parseIp and formatIp', () => {
  it('are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = parseIp(text)
        expect(ip && parseIp(formatIp(ip))).toEqual(ip)
        expect(ip).toBeDefined()
      }),
    )
  })
})

describe('scopeKey and targetKey', () => {
  it('are shared by equal records only', () => {
    const short = fc.string({ unit: fc.constantFrom('a', '1', ':', ' ', '*'), maxLength: 4 })
    const ref = fc.record({ type: short, id: short })
    const target: fc.Arbitrary<TargetRecord> = fc.oneof(
      fc.constant('*' as const),
      ref,
      fc.record({ type: short }),
      fc.record({ role: short, on: ref }),
    )
    fc.assert(
      fc.property(target, target, (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b)
        expect(targetKey(a) === targetKey(b)).toBe(isSame)
        if (typeof a === 'object' && 'role' in a) return
        if (typeof b === 'object' && 'role' in b) return
        expect(scopeKey(a) === scopeKey(b)).toBe(isSame)
      }),
      { numRuns: 2000 },
    )
  })
})
