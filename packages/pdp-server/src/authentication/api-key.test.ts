import { describe, expect, it } from 'vitest'
import { createApiKey, hashApiKey, isMeantAsApiKey, readApiKey } from './api-key.ts'

describe('createApiKey', () => {
  it('makes a key that says what it is', () => {
    const { text, id, environment } = createApiKey('live')
    expect(text).toMatch(/^edict_live_[0-9A-Za-z]{61}$/)
    expect(readApiKey(text)).toEqual({ id, environment })
    expect(isMeantAsApiKey(text)).toBe(true)
  })

  it('makes no key twice, and uses every digit about equally', () => {
    const texts = Array.from({ length: 500 }, () => createApiKey('test').text.slice(11, -6))
    expect(new Set(texts).size).toBe(500)
    const counts = new Map<string, number>()
    for (const digit of texts.join('')) counts.set(digit, (counts.get(digit) ?? 0) + 1)
    const mean = texts.join('').length / 62
    expect(counts.size).toBe(62)
    for (const number of counts.values()) expect(Math.abs(number - mean)).toBeLessThan(mean / 2)
  })
})

describe('readApiKey', () => {
  const { text } = createApiKey('live')
  const swapped = text.endsWith('0') ? `${text.slice(0, -1)}1` : `${text.slice(0, -1)}0`

  it.each([
    ['nothing', ''],
    ['another word', 'edict'],
    ['one digit changed', swapped],
    ['another environment', text.replace('_live_', '_test_')],
    ['one digit more', `${text}0`],
    ['one digit less', text.slice(0, -1)],
    ['a blank around', ` ${text}`],
    ['a line break', `${text}\n`],
    ['an environment in capitals', text.replace('live', 'LIVE')],
    ['a name of prototypes', text.replace('live', '__proto__')],
  ])('reads no key with %s', (_, other) => {
    expect(readApiKey(other)).toBeUndefined()
  })
})

describe('hashApiKey', () => {
  it('is SHA-256', () => {
    expect(hashApiKey('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
})
