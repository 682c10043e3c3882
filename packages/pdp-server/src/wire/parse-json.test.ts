import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAsk } from '../test-support/service.ts'
import { decodeUtf8, parseJson, parseSecretJson } from './parse-json.ts'

describe('parseJson', () => {
  it('gives the value', () => {
    expect(parseJson('{"a":[1,true,null,"x"]}', 8)).toEqual({ value: { a: [1, true, null, 'x'] } })
  })

  it('keeps `__proto__` as an ordinary member', () => {
    const parsed = parseJson('{"__proto__":{"a":1}}', 8)
    expect('value' in parsed && Object.hasOwn(parsed.value as object, '__proto__')).toBe(true)
    expect({}).not.toHaveProperty('a')
  })

  it.each([
    ['', 'is empty, not JSON'],
    [' \n', 'is empty, not JSON'],
    ['{"a":', /^is not JSON: /],
    ['{a:1}', /^is not JSON: /],
    ['{"a":1}{"b":2}', /^is not JSON: /],
    ['[[[]]]', 'is nested deeper than 2'],
    ['{"a":1,"a":1}', 'is there twice in one object'],
    ['NaN', /^is not JSON: /],
    ['\ufeff{}', /^is not JSON: /],
  ])('refuses %j', (text, detail) => {
    const parsed = parseJson(text, 2)
    expect(parsed).toHaveProperty('fault')
    if ('fault' in parsed) expect(parsed.fault.detail).toMatch(detail)
  })

  it('quotes little of a text that is no JSON, and no control characters', () => {
    const parsed = parseJson(`\u0007${'x'.repeat(10_000)}`, 2)
    if (!('fault' in parsed)) throw new Error('accepted')
    expect(parsed.fault.detail.length).toBeLessThan(300)
    expect(parsed.fault.detail).not.toMatch(/\p{Cc}/u)
  })
})

describe('decodeUtf8', () => {
  it.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00]],
  ])('refuses %s', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined()
  })

  it('reads what is UTF-8', () => {
    expect(decodeUtf8(new TextEncoder().encode('å😀'))).toBe('å😀')
  })
})

interface Vector {
  readonly name: string
  readonly expect: 'accept' | 'reject' | 'implementation-defined'
  readonly base64?: string
}

// JSONTestSuite by Nicolas Seriot. It is no part of this repository.
const file = join(import.meta.dirname, '../../../../../shared/vectors/json-parsing/jsontestsuite.json')
const vectors: readonly Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases : []

describe.skipIf(vectors.length === 0)(`JSONTestSuite (skipped without ${file})`, () => {
  const cases = vectors.flatMap(({ name, expect: verdict, base64 }) =>
    base64 === undefined ? [] : [{ name, verdict, bytes: Buffer.from(base64, 'base64') }],
  )

  it.each(cases)('$verdict: $name', ({ name, verdict, bytes }) => {
    const text = decodeUtf8(bytes)
    const isAccepted = text !== undefined && 'value' in parseJson(text, 1000)
    // I-JSON asks for more than RFC 8259: no member twice.
    const isStricter = /duplicated_key/.test(name)
    if (verdict !== 'implementation-defined') expect(isAccepted).toBe(verdict === 'accept' && !isStricter)
  })

  it('makes every one of them a 400 where a question is expected', async () => {
    const ask = createAsk()
    for (const path of ['/decide', '/access/v1/evaluation', '/access/v1/evaluations']) {
      for (const { name, bytes } of cases) {
        const { status } = await ask(path, { body: bytes })
        expect([name, status]).toEqual([name, 400])
      }
    }
  })
})

describe('parseSecretJson', () => {
  it.each([
    ['hush-hush', 'is not JSON'],
    ['{"secret":hush}', 'is not JSON'],
    ["{'secret':'hush'}", 'is not JSON, from character 2 on'],
    ['{"secret":"hush" "hush"}', 'is not JSON, from character 18 on'],
    ['{"secret":"\\hush"}', 'is not JSON, from character 13 on'],
    ['hush at position 7', 'is not JSON'],
    ['{"secret":"hush","secret":"hush"}', 'is there twice in one object'],
    ['', 'is empty, not JSON'],
  ])('says of %j what is wrong without any of it', (text, detail) => {
    expect(parseSecretJson(text, 2)).toMatchObject({ fault: { detail } })
  })
})
