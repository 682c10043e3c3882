import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { readJws } from './read-jws.ts'

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const header = { alg: 'ES256', typ: 'at+jwt', kid: 'k' }
const token = (head: unknown = header) => `${encode(head)}.${encode({ iss: 'x' })}.c2ln`

describe('readJws', () => {
  it('reads the head of a token', () => {
    expect(readJws(token())).toMatchObject({ algorithm: 'ES256', type: 'at+jwt' })
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['two parts', 'a.b'],
    ['four parts', `${token()}.x`],
    ['a part that is empty', token().replace('c2ln', '')],
    ['JSON serialisation', JSON.stringify({ payload: 'e30', protected: encode(header), signature: 'c2ln' })],
    ['padding', `${token()}=`],
    ['a line break at the end', `${token()}\n`],
    ['digits of plain base64', token().replace('c2ln', '+/+/')],
    ['spare bits', token().replace('c2ln', 'c2lnAB')],
    ['a length that cannot be', token().replace('c2ln', 'c2lnA')],
    ['a header that is a list', token([])],
    ['a header that is no JSON', token('{')],
    ['a header that is no UTF-8', `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.e30.c2ln`],
    ['an algorithm twice', token('{"alg":"ES256","alg":"none"}')],
    ['no algorithm', token({ typ: 'at+jwt' })],
    ['an algorithm that is a list', token({ alg: ['ES256'] })],
    ['a kid that is an object', token({ ...header, kid: {} })],
    ['extensions', token({ ...header, crit: ['exp'] })],
    ['no extensions, said', token({ ...header, crit: [] })],
    ['a payload that is not encoded', token({ ...header, b64: false })],
    ['a deep header', token(`{"alg":"ES256","x":${'['.repeat(5)}${']'.repeat(5)}}`)],
  ])('refuses %s', (_, text) => {
    expect(readJws(text)).toHaveProperty('fault')
  })

  test.prop([fc.string({ unit: 'binary' })])('never throws', (text) => {
    expect(readJws(text)).toBeTypeOf('object')
  })

  test.prop([fc.nat({ max: token().length - 1 }), fc.constantFrom(...'AZaz09-_.=+/ \n')])(
    'takes no other text for the same bytes',
    (at, digit) => {
      const changed = token().slice(0, at) + digit + token().slice(at + 1)
      const head = readJws(changed)
      if ('fault' in head || changed === token()) return
      const bytes = (text: string) =>
        text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'))
      expect(bytes(changed)).not.toEqual(bytes(token()))
    },
  )
})
