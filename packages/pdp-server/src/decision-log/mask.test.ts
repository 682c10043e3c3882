import { describe, expect, it } from 'vitest'
import { MASKED, maskEntry, parsePointer } from './mask.ts'

const ENTRY = {
  subject: { type: 'User', id: 'ann', properties: { 'a/b': 1, 'm~n': 2, __proto__x: 3 } },
  reasons: [{ rule: 'r' }, { rule: 's' }],
  caller: undefined,
}

function mask(...pointers: readonly string[]): unknown {
  return maskEntry(
    ENTRY,
    pointers.map((text) => parsePointer(text) ?? []),
  )
}

describe('maskEntry', () => {
  it.each([
    ['/subject/id', { subject: { ...ENTRY.subject, id: MASKED } }],
    ['/subject', { subject: MASKED }],
    ['/subject/properties/a~1b', { subject: { properties: { 'a/b': MASKED, 'm~n': 2 } } }],
    ['/subject/properties/m~0n', { subject: { properties: { 'a/b': 1, 'm~n': MASKED } } }],
    ['/reasons/1/rule', { reasons: [{ rule: 'r' }, { rule: MASKED }] }],
  ])('masks what %s leads to', (pointer, expected) => {
    const before = structuredClone(ENTRY)
    expect(mask(pointer)).toMatchObject(expected)
    expect(ENTRY).toEqual(before)
  })

  it.each([
    '/subject/name',
    '/subject/id/0',
    '/reasons/2',
    '/reasons/-',
    '/reasons/01',
    '/constructor',
    '/caller',
    '/',
  ])('adds nothing where %s leads nowhere', (pointer) => {
    expect(JSON.stringify(mask(pointer))).toBe(JSON.stringify(ENTRY))
  })

  it('masks names that objects inherit as any other', () => {
    const entry = { context: JSON.parse('{"__proto__": {"secret": 1}, "toString": 2}') }
    const pointers = [
      ['context', '__proto__', 'secret'],
      ['context', 'toString'],
    ]
    expect(JSON.stringify(maskEntry(entry, pointers))).toBe(
      `{"context":{"__proto__":{"secret":"${MASKED}"},"toString":"${MASKED}"}}`,
    )
  })

  it('masks all that is pointed to', () => {
    expect(mask('/subject/id', '/subject/type')).toMatchObject({ subject: { id: MASKED, type: MASKED } })
  })
})

describe('parsePointer', () => {
  it.each(['', 'subject', '/a~', '/a~2'])('refuses %j', (text) => expect(parsePointer(text)).toBeUndefined())
})
