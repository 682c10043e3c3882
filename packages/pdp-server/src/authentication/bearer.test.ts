import { describe, expect, it } from 'vitest'
import { challengeInvalidToken, findSecretParameter, readBearer } from './bearer.ts'

describe('readBearer', () => {
  it.each<[string | undefined, string]>([
    [undefined, 'none'],
    ['', 'none'],
    ['Basic YTpi', 'none'],
    ['Bearer', 'malformed'],
    ['Bearer ', 'malformed'],
    ['Bearer a b', 'malformed'],
    ['Bearer a, Bearer b', 'malformed'],
    ['Bearer a"b', 'malformed'],
    ['Bearer caf\u00e9', 'malformed'],
    ['Bearer =a', 'malformed'],
    [`Bearer ${'a'.repeat(200)}`, 'malformed'],
    ['Bearer a', 'credential'],
    ['bearer  a.b-c_d~e+f/g==', 'credential'],
  ])('takes %j for %s', (header, kind) => {
    expect(readBearer(header, 100).kind).toBe(kind)
  })
})

describe('challengeInvalidToken', () => {
  it('holds nothing that a header may not', () => {
    expect(challengeInvalidToken('no `x` "y" \\ \r\nSet-Cookie: caf\u00e9')).toBe(
      'Bearer realm="edict", error="invalid_token", error_description="no \'x\' y  Set-Cookie: caf"',
    )
  })
})

describe('findSecretParameter', () => {
  it.each<[string, string | undefined]>([
    ['/decide', undefined],
    ['/decide?token_hint=1', undefined],
    ['/decide?access_token=x', 'access_token'],
    ['/decide?a=1&Access_Token=x', 'access_token'],
    ['/decide?%61pi_key=x', 'api_key'],
    ['/decide?apikey', 'apikey'],
  ])('finds in %s: %s', (target, name) => {
    expect(findSecretParameter(target)).toBe(name)
  })
})
