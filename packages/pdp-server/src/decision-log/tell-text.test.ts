import { createHash } from 'node:crypto'
import type { DecisionRequest } from '@edict/policy-lang'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toAuditEntry } from '../entity-store/audit-entry.ts'
import { createRecord } from '../test-support/decision-records.ts'
import { readOpen } from '../test-support/service.ts'
import type { Chunk } from './channel.ts'
import { toEntry } from './decision-entry.ts'
import { DecisionLog } from './decision-log.ts'
import { toBytes, toLine } from './entry-line.ts'
import { toSearchEntry } from './search-entry.ts'
import { shortenText, tellText } from './tell-text.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'

describe('tellText', () => {
  it('leaves what is short alone', () => {
    for (const text of ['ann', 'x'.repeat(1024), 'é'.repeat(341), '"'.repeat(512), '\0'.repeat(170)])
      expect(tellText(text)).toBe(text)
  })

  it('tells of a long one the beginning, the length, and a hash of the whole', () => {
    const text = `${'x'.repeat(1024)}yz`
    const sum = createHash('sha256').update(text).digest('hex')
    for (const _ of [1, 2])
      expect(tellText(text)).toBe(`${'x'.repeat(1024)}[the first of 1026 characters, SHA-256 ${sum}]`)
    expect(tellText(`${text}!`)).not.toBe(tellText(`${text}?`))
  })

  it('gives none for another: what looks like one that was cut is cut itself', () => {
    const told = tellText('x'.repeat(5000))
    expect(tellText(told)).not.toBe(told)
  })

  it('takes no more of a line whatever it holds', () => {
    const unit = fc.constantFrom(
      'a',
      '"',
      '\\',
      '\n',
      '\0',
      '\u007f',
      '\u200e',
      'é',
      '漢',
      '\ud83d\ude00',
      '\ud800',
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8, minLength: 1 }), fc.nat(3000), (units, times) => {
        const text = units.join('').repeat(times)
        for (const told of [tellText(text), shortenText(text)])
          expect(toBytes(JSON.stringify(told)).length).toBeLessThan(1200)
      }),
    )
  })

  it('hides a credential wherever in a long text it is', () => {
    for (const text of ['x'.repeat(1010), 'x'.repeat(5000)])
      expect(tellText(`${text} ${JWT}`)).toBe('[hidden]')
  })
})

/** Longer than a line may be, wherever a caller can put it. */
const LONG = '\u200e'.repeat(60_000)
const entity = { type: LONG, id: LONG }

describe('a line', () => {
  const origin = { id: 'id-1', caller: LONG }
  const request = { subject: entity, action: { name: LONG }, resource: entity }
  const question = { kind: 'resource', request: { ...request, resource: { type: LONG } } } as const
  const search = {
    id: 'id-1',
    origin,
    question,
    time: 0,
    durationMs: 1,
    count: 0,
    isCut: false,
    policyVersion: 'v',
  }
  const assignment = { role: LONG, to: entity, on: entity }
  const operations = [{ kind: 'put-entity', path: '$', ref: entity, content: {} }] as const
  const audit = { caller: LONG, number: 1, version: 'v', time: 0 }
  const assigned = { kind: 'assignments', to: entity, on: entity, before: [], after: [assignment] } as never

  it.each([
    ['a decision', toEntry(createRecord(request, { origin }), { detail: 'ids' })],
    ['a decision in full', toEntry(createRecord(request, { origin }), { detail: 'full' })],
    ['a search', toSearchEntry({ ...search, dataVersion: undefined } as never, 'ids', undefined)],
    ['a search in full', toSearchEntry({ ...search, dataVersion: undefined } as never, 'full', undefined)],
    ['a write', toAuditEntry({ ...audit, steps: [assigned] })],
    ['a write that was done before', toAuditEntry({ ...audit, steps: [], operations })],
  ])('of %s is bounded, however long names and ids are', (_, entry) => {
    expect(toBytes(toLine(entry)).length).toBeLessThan(9000)
  })
})

describe('the log of a batch', () => {
  async function write(
    detail: 'ids' | 'full',
    request: DecisionRequest,
    indexes: readonly (number | undefined)[],
  ) {
    const chunks: Chunk[] = []
    const deliver = async (all: readonly Chunk[]) => void chunks.push(...all)
    const channel = { name: 'test', maxDeliveryBytes: 2 ** 30, maxPauseMs: 1, deliver, close: async () => {} }
    const nothing = { error: () => {}, warn: () => {}, info: () => {} }
    const log = new DecisionLog({
      ...{ channels: [channel], detail, masks: [], ignore: [], sampleRates: { allow: 1, deny: 1 } },
      ...{ maxBufferBytes: 2 ** 30, isRequired: false, requiredTimeoutMs: 5000, log: nothing as never },
    })
    const record = createRecord(request)
    for (const index of indexes) log.add({ ...record, index })
    await log.stop(5000)
    const text = Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
    return {
      text,
      lines: text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    }
  }
  const indexes = Array.from({ length: 1000 }, (_, index) => index)

  it('is bounded though all items have one long id', async () => {
    const { text, lines } = await write('ids', { ...readOpen, subject: { type: 'User', id: LONG } }, indexes)
    expect(lines).toHaveLength(1000)
    expect(text.length).toBeLessThan(2_000_000)
  })

  it('is in full up to a bound, and by ids from there on; a decision that came alone is in full', async () => {
    const request = { ...readOpen, context: { note: 'x'.repeat(60_000) } }
    const { text, lines } = await write('full', request, indexes)
    expect(lines).toHaveLength(1000)
    expect(text.length).toBeLessThan(5_000_000)
    expect(lines[0]).toMatchObject({ context: request.context })
    expect(lines.at(-1)).toMatchObject({ detail: 'ids', subject: readOpen.subject })
    expect(lines.at(-1)).not.toHaveProperty('context')
    const alone = await write('full', request, Array.from({ length: 100 }))
    expect(alone.lines.at(-1)).toMatchObject({ context: request.context })
  })
})
