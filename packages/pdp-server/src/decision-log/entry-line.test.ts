import type { Answer, DecisionRequest } from '@edict/policy-lang'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTraceParent } from '../telemetry/trace-context.ts'
import { createRecord } from '../test-support/decision-records.ts'
import { exportOpen, readOpen } from '../test-support/service.ts'
import { BriefLines } from './brief-line.ts'
import { type LogDetail, toEntry } from './decision-entry.ts'
import { toBytes, toLine } from './entry-line.ts'
import { hideCredential } from './hide-credentials.ts'
import { LineBuffer } from './line-buffer.ts'
import { isHarmless } from './plain-text.ts'

function write(request: DecisionRequest, detail: LogDetail = 'ids', origin = {}): string {
  return toBytes(toLine(toEntry(createRecord(request, { origin }), { detail }))).toString()
}

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'
const KEY = `edict_live_${'a1B2'.repeat(15)}`

describe('a line of the decision log', () => {
  it('says who asked what, what was decided, by what, and how long it took', () => {
    const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
    const record = createRecord(exportOpen, { origin: { id: 'id-1', caller: 'web' }, dataVersion: 'd1' })
    const line = toLine(toEntry(record, { detail: 'ids', span }))
    expect(JSON.parse(line)).toEqual({
      event: 'decision',
      time: '2026-01-01T00:00:00.000Z',
      id: 'id-1',
      ...span,
      caller: 'web',
      subject: { type: 'User', id: 'eve' },
      action: { name: 'export' },
      resource: { type: 'Doc', id: 'open' },
      decision: 'allow',
      reasons: [{ rule: 'smallExports' }],
      obligations: ['watermark'],
      policyVersion: record.policyVersion,
      dataVersion: 'd1',
      durationMs: 0.25,
    })
  })

  it('says which rules failed', () => {
    const request = { ...readOpen, resource: { type: 'Doc', id: 'unknown' } }
    expect(JSON.parse(write(request))).toMatchObject({
      decision: 'deny',
      reasons: [{ builtin: 'default' }],
      errors: [
        { rule: 'everyoneReads', kind: 'condition' },
        { rule: 'ownersDoAll', kind: 'condition' },
      ],
      errorCount: 2,
    })
  })

  it('tells all that counts where that is asked for, and members that nobody knows never', () => {
    const request = {
      ...exportOpen,
      subject: { ...exportOpen.subject, properties: { team: 'a' }, roles: ['editor'], extra: 1 },
      context: { ip: '10.0.0.1' },
      entities: [{ type: 'Doc', id: 'd', parents: [], extra: 1 }],
      token: 'a raw token',
    }
    expect(JSON.parse(write(request, 'full'))).toMatchObject({
      subject: { type: 'User', id: 'eve', properties: { team: 'a' }, roles: ['editor'] },
      action: { name: 'export', properties: { pages: 3 } },
      context: { ip: '10.0.0.1' },
      entities: [{ type: 'Doc', id: 'd', parents: [] }],
      obligations: [{ name: 'watermark', args: { text: 'eve' } }],
      advice: [{ name: 'compress', args: { level: 9 } }],
    })
    expect(write(request, 'full')).not.toMatch(/extra|raw token/)
    expect(write(request)).not.toMatch(/extra|raw token|team|10\.0\.0\.1/)
  })

  it.each([
    ['line feed', '\n{"event":"decision","decision":"allow"}\n'],
    ['carriage return', 'a\r\nb'],
    ['next line', 'a\u0085b'],
    ['line separator', 'a\u2028b\u2029c'],
    ['escape sequence', '\u001b[2J\u009b31m'],
    ['turned text', 'a\u202eb\u2066c\u200f'],
    ['zero and byte order mark', '\0\ufeff'],
    ['a lone surrogate', 'a\ud800b'],
    ['quotes', '","decision":"allow","x":"'],
  ])('cannot be forged or broken with %s', (_, text) => {
    const request = {
      subject: { type: text, id: text, properties: { [text]: text } },
      action: { name: text },
      resource: { type: 'Doc', id: text },
      context: { [text]: text },
    }
    for (const detail of ['ids', 'full'] as const) {
      const line = write(request, detail, { caller: text })
      expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/)
      expect(line.endsWith('\n')).toBe(true)
      expect(JSON.parse(line)).toMatchObject({ decision: 'deny', caller: text, resource: { id: text } })
    }
  })

  const text = fc.string({ unit: 'binary' })
  const entity = fc.record({ type: text, id: text, properties: fc.dictionary(text, fc.jsonValue()) })
  const requests = fc.record({ subject: entity, action: fc.record({ name: text }), resource: entity })

  it('is one line whatever is asked', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const line = write(asked as DecisionRequest, 'full')
        expect(line.split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(2)
        expect(JSON.parse(line)).toMatchObject({ event: 'decision' })
      }),
      { numRuns: 50 },
    )
  })

  const maybe = fc.option(text, { nil: undefined })
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
  const asked = [
    readOpen,
    { ...readOpen, resource: { type: 'Doc', id: 'a"b' } },
    exportOpen,
    { ...readOpen, resource: { type: 'Doc', id: 'unknown' } },
    { ...readOpen, action: { name: JWT }, subject: { type: KEY, id: JWT } },
    { ...readOpen, action: { name: 'x'.repeat(300) }, subject: { type: 'User', id: 'Zo\u00eb' } },
    {
      ...readOpen,
      subject: { type: 'User', id: 'y'.repeat(1025) },
      resource: { type: 'Doc', id: 'z'.repeat(2000) },
    },
    { ...readOpen, resource: { type: 'Doc', id: '\u007f\u2028\ud83d\ude00' } },
  ]
  const cases = fc.record({
    request: fc.oneof(fc.constantFrom(...asked), requests as fc.Arbitrary<DecisionRequest>),
    origin: fc.constantFrom(
      { id: 'id-1' },
      { id: 'id-2', caller: 'web' },
      { id: '"\u00e9"', caller: 'w\u0085"', traceparent: `00-${span.traceId}-${span.spanId}-01` },
      { id: 'eyJ.a.b', caller: JWT },
      { id: 'id-3', caller: 'c'.repeat(1025) },
    ),
    index: fc.constantFrom(undefined, 0, 19),
    dataVersion: maybe,
    policyVersion: fc.constantFrom('v1', 'v"2'),
    isCached: fc.constantFrom(undefined, true),
    span: fc.constantFrom(undefined, span),
    sampleRate: fc.constantFrom(undefined, 0.25),
    durationMs: fc.oneof(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1.1, noNaN: true }),
    ),
    time: fc.constantFrom(0, 1, Date.UTC(2027, 2, 1)),
  })

  // Of one writer, since it keeps parts of lines for the next: none may get into a line of another.
  it('is the same made the short way, whatever lines came before', () => {
    fc.assert(
      fc.property(fc.array(cases, { maxLength: 12 }), (all) => {
        const brief = new BriefLines()
        const lines = new LineBuffer()
        let expected = ''
        for (const { request, span, sampleRate, ...changes } of all) {
          const record = createRecord(request, changes)
          const ids = span ?? parseTraceParent(record.origin.traceparent)
          expected += toLine(toEntry(record, { span: ids, sampleRate, detail: 'ids' }))
          brief.write(record, { span, sampleRate }, lines)
        }
        const { bytes, lineCount } = lines.take()
        expect([bytes.toString(), lineCount]).toEqual([toBytes(expected).toString(), all.length])
      }),
      { numRuns: 100 },
    )
  })

  it('is the same for answers that share their parts, and for one that only seems to', () => {
    const { answer, ...record } = createRecord(exportOpen)
    const answers: readonly Answer[] = [
      answer,
      { ...answer, cacheable: false },
      { ...answer, obligations: [] },
      { ...answer, decision: 'deny' },
      { ...answer, errorCount: 1 },
      answer,
    ]
    const brief = new BriefLines()
    const lines = new LineBuffer()
    for (const each of answers) brief.write({ ...record, answer: each }, {}, lines)
    const expected = answers.map((each) => toLine(toEntry({ ...record, answer: each }, { detail: 'ids' })))
    expect(lines.take().bytes.toString()).toBe(expected.join(''))
  })
})

describe('isHarmless', () => {
  it('is true only of what stands in a line as it is', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'eyJ._ "\\aA1-~\u007f\u00e9'), maxLength: 60 })
    const texts = fc.oneof(nearly, fc.string({ unit: 'binary' }), fc.constantFrom(JWT, KEY, `Bearer ${KEY}`))
    fc.assert(
      fc.property(texts, (text) => {
        if (isHarmless(text))
          expect(toBytes(JSON.stringify(hideCredential(text))).toString()).toBe(`"${text}"`)
      }),
    )
  })

  it.each(['ann', 'document-17', '655fd339-bf60-42d9-a389-ac0f3bc2f4e9', 'a.b@example.org'])(
    'is true of %s',
    (text) => {
      expect(isHarmless(text)).toBe(true)
    },
  )

  it.each([JWT, KEY, 'Basic dXNlcjpwYXNzd29yZDEyMw==', 'a"b', 'a\\b', 'a\nb', '\u007f', 'é', '\ud800'])(
    'is false of %j',
    (text) => {
      expect(isHarmless(text)).toBe(false)
    },
  )
})

describe('LineBuffer', () => {
  it('gives all lines once, in order, however long and of whatever letters', () => {
    const lines = new LineBuffer()
    const added = ['a', 'é'.repeat(200_000), 'b'.repeat(400_000), '\u007f', 'c'.repeat(17_000)]
    for (const line of added) lines.add(`${line}\n`, /^[ -~]*$/.test(line))
    expect(lines.isFull).toBe(true)
    const { bytes, lineCount } = lines.take()
    expect(bytes.toString() === `${added.join('\n')}\n`.replace('\u007f', '\\u007f')).toBe(true)
    expect([lineCount, lines.isEmpty, lines.isFull]).toEqual([5, true, false])
    lines.add('next\n', true)
    expect(lines.take().bytes.toString()).toBe('next\n')
  })

  it('leaves a chunk alone once it was taken, and gives no more memory than it needs', () => {
    const lines = new LineBuffer()
    const fill = (letter: string, count: number) => {
      for (let line = 0; line < count; line++) lines.add(`${letter.repeat(999)}\n`, true)
      return lines.take()
    }
    const chunks = [fill('a', 1), fill('b', 300), fill('c', 150)]
    fill('d', 300)
    expect(chunks.map(({ bytes }) => new Set(bytes))).toEqual(
      [...'abc'].map((letter) => new Set(Buffer.from(`${letter}\n`))),
    )
    for (const { bytes } of chunks.slice(1)) expect(bytes.buffer.byteLength).toBeLessThan(bytes.length * 1.4)
  })
})

describe('credentials in a line of the decision log', () => {
  it.each([JWT, `Bearer ${JWT}`, KEY, `token=${JWT}`, 'Basic dXNlcjpwYXNzd29yZDEyMw=='])(
    'are never %s',
    (text) => {
      const request = {
        subject: { type: 'User', id: text },
        action: { name: text },
        resource: { type: text, id: text, properties: { a: [{ b: text }] } },
        context: { token: { raw: text }, note: text },
      }
      for (const detail of ['ids', 'full'] as const) {
        expect(write(request, detail)).not.toMatch(/eyJ|edict_live|dXNlc/)
      }
    },
  )

  it('are hidden by the name of what holds them', () => {
    const names = [
      'authorization',
      'Password',
      'secret',
      'clientSecret',
      'client_secret',
      'apiKey',
      'token',
      'access_token',
    ]
    const context = Object.fromEntries(names.map((name) => [name, 'hunter2']))
    const line = write(
      { ...readOpen, context: { headers: context, list: [{ cookie: ['hunter2'] }] } },
      'full',
    )
    expect(line).not.toContain('hunter2')
    expect(line.match(/\[hidden\]/g)).toHaveLength(names.length + 1)
  })

  it('are found wherever in a text they begin', () => {
    const unit = fc.constantFrom('eyJ', 'eyj', ...'eyJa.-_ "\u00e9')
    fc.assert(
      fc.property(fc.string({ unit, minLength: 20, maxLength: 40 }), (text) => {
        const isToken = /\beyJ[\w-]+\.[\w-]*\.[\w-]*/i.test(text)
        expect(hideCredential(text)).toBe(isToken ? '[hidden]' : text)
      }),
    )
    for (const text of [`x-${JWT}`, `eyJ-${JWT}`, `--eyJ--${JWT}`])
      expect(hideCredential(text)).toBe('[hidden]')
  })

  // Looked at from each place where one could begin, the first of these would take minutes.
  it('are looked for in one pass, however many seem to begin', () => {
    const units = [
      '-eyJ',
      '-eyJ.',
      'eyJ',
      '-xeyJ-',
      ' eyJa.',
      '.',
      'edict_a',
      '-edict_',
      '-edict_a_',
      ' ',
      ' bearer',
    ]
    for (const unit of units) {
      const text = `-${unit.repeat(2 ** 20 / unit.length)}`
      expect(hideCredential(text) === text).toBe(true)
    }
    expect(hideCredential(`${'-eyJ'.repeat(2 ** 18)}.e30.`)).toBe('[hidden]')
  })

  it('leave what is none alone', () => {
    const context = {
      token: { scopes: ['read'], clientId: 'web' },
      tokenCount: 'three',
      note: 'the bearer of this',
    }
    expect(JSON.parse(write({ ...readOpen, context }, 'full'))).toMatchObject({ context })
  })
})
