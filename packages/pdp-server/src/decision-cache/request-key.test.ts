import type { DecisionRequest } from '@edict/policy-lang'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KnownReads } from './known-reads.ts'
import { kindOf, RequestKeyWriter } from './request-key.ts'

const base = {
  subject: { type: 'User', id: 'a' },
  action: { name: 'read' },
  resource: { type: 'Doc', id: 'd' },
}

/** All of every section. */
function readAll(): KnownReads {
  const reads = new KnownReads()
  reads.learn(['$.subject.properties', '$.resource.properties', '$.action.properties', '$.context'])
  return reads
}

function keyOf(request: unknown, reads: KnownReads = readAll()) {
  const writer = new RequestKeyWriter()
  const kind = kindOf(request as DecisionRequest)
  const key = kind && writer.write(kind, request as DecisionRequest, reads)
  return { key, leavesOut: writer.leavesOut }
}

describe('RequestKeyWriter', () => {
  const text = fc.constantFrom(
    '',
    'a',
    '1:a',
    's1:a',
    '{0:',
    '-',
    '?',
    '__proto__',
    '\ud800',
    '0',
    '3:Doc4:read',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.constantFrom(0, -0, 1, 1e21, true, false, null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  const members = fc.option(fc.dictionary(text, value, { maxKeys: 3, noNullPrototype: true }), {
    nil: undefined,
  })
  const question = fc
    .record({
      types: fc.tuple(text, text, text),
      ids: fc.tuple(text, text),
      parts: fc.tuple(members, members, members),
      more: fc.tuple(value, value, value),
    })
    .map(({ types, ids, parts, more }) => ({
      subject: { type: types[0], id: ids[0], properties: parts[0], roles: more[0] },
      action: { name: types[1] },
      resource: { type: types[2], id: ids[1], properties: parts[1], parents: more[1] },
      context: parts[2],
      entities: more[2],
    }))

  it('gives two requests one key only where they say the same', () => {
    fc.assert(
      fc.property(question, question, (one, other) => {
        // -0 is told from 0, though JSON writes both alike.
        const tell = (request: object) =>
          JSON.stringify(request, (_, part) => (Object.is(part, -0) ? '\u0000-0' : part))
        const isSame = tell(one).replaceAll('null', '') === tell(other).replaceAll('null', '')
        if (keyOf(one).key === keyOf(other).key) expect(isSame).toBe(true)
        expect(keyOf(one).key).toBe(keyOf(structuredClone(one)).key)
      }),
    )
  })

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ['texts that hold marks', ['asb', 'c'], ['a', 'bsc']],
    ['texts that hold lengths', ['as1:b', 'c'], ['a', 'bs1:c']],
    ['numbers and texts', [1, 2], ['1', '2']],
    ['numbers side by side', [1, 12], [11, 2]],
    ['0 and -0', [0], [-0]],
    ['lists in lists', [['a'], 'b'], [['a', 'b']]],
    ['true and a text', [true], ['t']],
    ['null and nothing', [null], []],
    ['an object and its parts', [{ a: 'b' }], ['a', 'b']],
    ['names and values', [{ as: 'b' }], [{ a: 'sb' }]],
  ])('tells %s apart', (_, one, other) => {
    expect(keyOf({ ...base, context: { x: one } }).key).not.toBe(
      keyOf({ ...base, context: { x: other } }).key,
    )
    expect(keyOf({ ...base, entities: one }).key).not.toBe(keyOf({ ...base, entities: other }).key)
  })

  it('leaves out values of members that nothing reads, and never that they are there', () => {
    const reads = new KnownReads()
    reads.learn(['$.context.ip', '$.subject.properties["x-y"]'])
    const asked = (context: object, properties: object = {}) =>
      keyOf({ ...base, subject: { ...base.subject, properties }, context }, reads)
    expect(asked({ id: 1 })).toEqual({ ...asked({ id: 2 }), leavesOut: true })
    expect(asked({ id: 1 }).key).not.toBe(asked({}).key)
    expect(asked({ id: 1 }).key).not.toBe(asked({ id: null }).key)
    expect(asked({ id: 1 }).key).not.toBe(asked({ di: 1 }).key)
    expect(asked({ ip: 1 }).key).not.toBe(asked({ ip: 2 }).key)
    expect(asked({ ip: 1 }).leavesOut).toBe(false)
    expect(asked({}, { 'x-y': 1 }).key).not.toBe(asked({}, { 'x-y': 2 }).key)
    expect(asked({}, { roles: ['a'] }).key).not.toBe(asked({}, { roles: ['b'] }).key)
  })

  it.each<[string, unknown]>([
    ['no object', 7],
    ['without an action', { ...base, action: undefined }],
    ['with an id that is no text', { ...base, subject: { type: 'User', id: 7 } }],
    ['with properties that are no object', { ...base, resource: { ...base.resource, properties: [] } }],
    ['that inherits', { ...base, subject: Object.create({ type: 'User', id: 'a' }) }],
    ['with what is no JSON', { ...base, context: { at: new Date() } }],
    ['that is too deep', { ...base, context: { a: JSON.parse('['.repeat(40) + ']'.repeat(40)) } }],
    ['that is too long', { ...base, context: { a: 'x'.repeat(9000) } }],
  ])('makes none of a request %s', (_, request) => {
    expect(keyOf(request).key).toBeUndefined()
  })
})

describe('KnownReads', () => {
  it.each<[string, boolean, boolean]>([
    ['$.context.a', true, false],
    ['$.context["a"]', true, false],
    ['$.context', true, true],
    ['$', true, true],
    ['$.context.a.b', true, true],
    ['$.context[0]', true, true],
    ['$.context["a"].b', true, true],
    ['$.contextual.a', false, false],
    ['$.subject.properties.a', false, false],
    ['$.entities', false, false],
  ])('takes %s for what it may stand for', (path, readsA, readsOther) => {
    const reads = new KnownReads()
    const before = reads.revision
    reads.learn([path])
    expect([reads.isRead(3, 'a'), reads.isRead(3, 'b')]).toEqual([readsA, readsOther])
    if (readsA) expect(reads.revision).toBeGreaterThan(before)
    const { revision } = reads
    reads.learn([path])
    expect(reads.revision).toBe(revision)
  })
})
