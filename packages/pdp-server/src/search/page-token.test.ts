import { describe, expect, it } from 'vitest'
import { PdpServerError } from '../errors.ts'
import { createPageTokens, type TokenBinding } from './page-token.ts'

const key = Buffer.alloc(32, 7)
const binding: TokenBinding = { caller: 'key:billing', question: 'q1' }
const place = { after: 'd7 "ü" \ud800', limit: 3 }

const tokensAt = (seconds: number, options = {}) =>
  createPageTokens({ key, lifetimeSeconds: 60, now: () => seconds * 1000, ...options })

function checkRefused(open: () => unknown, why: RegExp): void {
  let error: unknown
  try {
    open()
  } catch (caught) {
    error = caught
  }
  expect(error).toBeInstanceOf(PdpServerError)
  expect(error).toMatchObject({ code: 'malformed-request', problems: [{ path: '$.page.token' }] })
  expect((error as Error).message).toMatch(why)
}

describe('createPageTokens', () => {
  const token = tokensAt(0).seal(place, binding)

  it.each([place, { after: 'd7' }, { after: '' }, { limit: 0 }, {}])('gives back %j', (one) => {
    expect(tokensAt(0).open(tokensAt(0).seal(one, binding), binding)).toEqual(one)
  })

  it('shows nothing of what it holds, and is another each time', () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toMatch(/billing|q1|d7|after/)
    expect(tokensAt(0).seal(place, binding)).not.toBe(token)
  })

  it('holds until it expires', () => {
    expect(tokensAt(59.9).open(token, binding)).toEqual(place)
    checkRefused(() => tokensAt(60).open(token, binding), /expired/)
  })

  it('is taken by whoever shares the key, and by nobody else', () => {
    expect(createPageTokens({ key, now: () => 0 }).open(token, binding)).toEqual(place)
    checkRefused(() => createPageTokens({ now: () => 0 }).open(token, binding), /none of this service/)
  })

  it('belongs to its caller and its question', () => {
    for (const caller of ['', 'key:billin', 'key:billing2']) {
      checkRefused(() => tokensAt(0).open(token, { ...binding, caller }), /another caller/)
    }
    checkRefused(() => tokensAt(0).open(token, { ...binding, question: 'q2' }), /another search/)
  })

  it('is refused where one bit of it is another', () => {
    const bytes = Buffer.from(token, 'base64url')
    for (let at = 0; at < bytes.length * 8; at++) {
      const changed = Buffer.from(bytes)
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7))
      checkRefused(() => tokensAt(0).open(changed.toString('base64url'), binding), /none of this service/)
    }
  })

  it.each([
    ['nothing', ''],
    ['a word', 'next'],
    ['less', token.slice(0, -4)],
    ['more', `${token}AAAA`],
    ['padding', `${token}=`],
    ['blanks', ` ${token}`],
    ['other letters', '☃'.repeat(50)],
    ['zeros', Buffer.alloc(200).toString('base64url')],
    ['the shortest that could be', Buffer.alloc(32).toString('base64url')],
  ])('is no token where it is %s', (_, text) => {
    checkRefused(() => tokensAt(0).open(text, binding), /none of this service/)
  })
})
