import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, parseJson, parseJsonBytes } from './parse-json.ts'
import { parsePlainJson } from './parse-plain-json.ts'

const MAX_DEPTH = 6
const encode = (text: string) => new TextEncoder().encode(text)

/** The precise way, without the quick one. */
function parsePrecisely(bytes: Uint8Array) {
  const text = decodeUtf8(bytes)
  return text === undefined ? { fault: { path: '$', detail: 'is not UTF-8' } } : parseJson(text, MAX_DEPTH)
}

/** INVARIANT of the quick way: what it gives, the precise way gives; and both together change no answer. */
function checkAgrees(bytes: Uint8Array): void {
  const precise = parsePrecisely(bytes)
  const plain = parsePlainJson(bytes, MAX_DEPTH)
  if (plain !== undefined) expect(precise).toEqual({ value: plain })
  expect(parseJsonBytes(bytes, MAX_DEPTH)).toEqual(precise)
}

const names = fc.constantFrom(
  'a',
  'b',
  '__proto__',
  'toString',
  '0',
  '',
  'é',
  ':',
  '{',
  '"',
  '\\',
  'u',
  '\ud800',
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('1', 'null', 'true', '-0', '" :{["'),
    tie('object'),
    tie('array'),
  ),
  // Written by hand, so that members may repeat.
  object: fc
    .array(fc.tuple(names, tie('tree'), fc.boolean()), { maxLength: 4 })
    .map(
      (members) =>
        `{${members.map(([name, value, raw]) => `${write(name as string, raw as boolean)}:${value}`)}}`,
    ),
  array: fc.array(tie('tree'), { maxLength: 3 }).map((items) => `[${items}]`),
}))

/** A name, or the same with each letter escaped. */
function write(name: string, isRaw: boolean): string {
  if (isRaw) return JSON.stringify(name)
  const escapes = Array.from({ length: name.length }, (_, at) =>
    name.charCodeAt(at).toString(16).padStart(4, '0'),
  )
  return `"${escapes.map((code) => `\\u${code}`).join('')}"`
}

describe('parsePlainJson', () => {
  test.prop([tree])('agrees with the precise way on texts that may name a member twice', (text) => {
    checkAgrees(encode(String(text)))
  })

  test.prop([tree, fc.nat(), fc.nat(255)])('agrees on texts with a byte changed', (text, place, byte) => {
    const bytes = encode(String(text))
    bytes[place % bytes.length] = byte
    checkAgrees(bytes)
  })

  test.prop([tree, fc.nat()])('agrees on texts that are cut', (text, place) => {
    const bytes = encode(String(text))
    checkAgrees(bytes.subarray(0, place % (bytes.length + 1)))
    checkAgrees(bytes.subarray(place % (bytes.length + 1)))
  })

  it.each([
    '{"a":1}',
    '{"a":"b:c","d":[{"e":":"}]}',
    '[]',
    '{"a\\n":"\\\\"}',
    '{"é":"😀"}',
    ' {"__proto__":{"a":1}} ',
  ])('takes what is plainly in order: %s', (text) => {
    expect(parsePlainJson(encode(text), MAX_DEPTH)).toEqual(JSON.parse(text))
  })

  it.each([
    '{"a":1,"a":1}',
    '{"a":{"b":1},"a":{"c":1,"d":2}}',
    '{"__proto__":1,"__proto__":2}',
    '{"0":1,"0":2}',
    '{"a":"\\u0061"}',
    '7',
    '"x"',
    'null',
    '',
    '{',
    '{"a":1}}',
    '{"a":"',
    '{"a":"\\',
    '[[[[[[[]]]]]]]',
  ])('leaves to the precise way what is in doubt: %s', (text) => {
    expect(parsePlainJson(encode(text), MAX_DEPTH)).toBeUndefined()
  })
})
