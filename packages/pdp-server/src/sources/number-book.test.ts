import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { findDataFloor, type NumberBookOptions, openNumberBook } from './number-book.ts'

let stateDir: string
let now: number

const open = (options: Partial<NumberBookOptions> = {}) =>
  openNumberBook({ stateDir, source: 'here', now: () => now, ...options })

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'edict-numbers-'))
  now = 1000
})
afterEach(() => rmSync(stateDir, { recursive: true, force: true }))

suite('openNumberBook', () => {
  it('gives a version its number, and each other one a larger one', () => {
    const book = open()
    expect(book.numberOf('policy', 'a')).toBe(1000)
    expect(book.numberOf('policy', 'a')).toBe(1000)
    expect(book.numberOf('policy', 'b')).toBe(1001)
    now = 5000
    expect(book.numberOf('policy', 'a')).toBe(5000)
    expect(book.numberOf('data', 'a')).toBe(5000)
  })

  it('grows when the clock is set back, over a restart too', () => {
    expect(open().numberOf('policy', 'a')).toBe(1000)
    now = 10
    const book = open()
    expect(book.numberOf('policy', 'a')).toBe(1000)
    expect(book.numberOf('policy', 'b')).toBe(1001)
    expect(open().numberOf('policy', 'c')).toBe(1002)
  })

  it('goes on above what another source had, whatever the clock says', () => {
    open().numberOf('policy', 'a')
    now = 10
    const book = open({ source: 'there' })
    expect(book.numberOf('policy', 'a')).toBe(1000)
    expect(book.numberOf('policy', 'b')).toBe(1001)
  })

  it('takes a lower number of another source as it is, says so, and guards it from then on', () => {
    open().numberOf('policy', 'a')
    open().numberOf('data', 'a')
    const lower: unknown[] = []
    const book = open({ source: 'bundle', onLower: (...what) => lower.push(what) })
    expect(book.numberOf('policy', 'b', 5)).toBe(5)
    expect(book.numberOf('data', 'b', 5)).toBe(5)
    expect(lower).toEqual([
      ['policy', 5, 1000],
      ['data', 5, 1000],
    ])
    expect(() => book.numberOf('data', 'c', 4)).toThrow(/number 4 .* older than 5/)
    expect(() => open({ source: 'bundle' }).numberOf('data', 'c', 4)).toThrow(/older/)
  })

  it('keeps data of a store apart from that of the source, and goes on above a store that is left', () => {
    const store = { entityStore: '/var/a.db' }
    expect(findDataFloor({ stateDir, source: 'here', ...store })).toBe(0)
    const before = open(store)
    before.numberOf('policy', 'p', 3)
    for (const number of [2000, 2001, 2500]) before.numberOf('data', `v${number}`, number)
    // No number that may have been given is given again, also where an older copy of its file is put in place.
    expect(findDataFloor({ stateDir, source: 'here', ...store })).toBeGreaterThanOrEqual(2500)
    expect(open(store).numberOf('data', 'v', 2000)).toBe(2000)
    const floor = findDataFloor({ stateDir, source: 'here', entityStore: '/var/b.db' })
    expect(floor).toBeGreaterThanOrEqual(2500)
    expect(open().numberOf('data', 'files')).toBeGreaterThan(floor)
    // Back to the first.
    expect(findDataFloor({ stateDir, source: 'here', ...store })).toBeGreaterThan(floor)
  })

  it('reads what was kept before stores had a place in it', () => {
    const kept = { format: 'edict-numbers/1', source: 'here', data: { number: 7, version: 'a' } }
    writeFileSync(join(stateDir, 'numbers.json'), JSON.stringify(kept))
    expect(() => open().numberOf('data', 'b', 6)).toThrow(/older/)
    expect(open({ source: 'there' }).numberOf('data', 'b', 6)).toBe(6)
  })

  it('takes the numbers of a source, unless they go back', () => {
    const book = open()
    expect(book.numberOf('policy', 'a', 7)).toBe(7)
    expect(book.numberOf('policy', 'b', 8)).toBe(8)
    expect(book.numberOf('policy', 'b', 8)).toBe(8)
    expect(() => book.numberOf('policy', 'a', 7)).toThrow(/number 7 .* older than 8/)
    expect(() => open().numberOf('policy', 'a', 7)).toThrow(/older/)
  })

  it('goes on without its file, and says so', () => {
    const failures: unknown[] = []
    const book = open({ onFailure: (error) => failures.push(error) })
    rmSync(stateDir, { recursive: true })
    expect(book.numberOf('policy', 'a')).toBe(1000)
    expect(book.numberOf('policy', 'b')).toBe(1001)
    expect(failures).toMatchObject([{ code: 'unwritable-file' }, { code: 'unwritable-file' }])
  })

  it.each([
    '',
    '{',
    '{"format": "edict-numbers/1"}',
    '{"format":"edict-numbers/1","source":"here","policy":{"number":-1,"version":"a"}}',
  ])('refuses a file that holds %j', (text) => {
    writeFileSync(join(stateDir, 'numbers.json'), text)
    expect(() => open()).toThrow(/does not hold the numbers .* delete it to start anew/)
  })

  it('does not write for each number of a store', () => {
    const written = () => readFileSync(join(stateDir, 'numbers.json'), 'utf8')
    const book = open({ entityStore: '/var/a.db' })
    book.numberOf('data', 'a', 5)
    const text = written()
    book.numberOf('data', 'b', 6)
    expect(written()).toBe(text)
    book.numberOf('data', 'c', 1_000_000)
    expect(JSON.parse(written())).toMatchObject({
      data: { number: 1_000_000, source: 'entity store /var/a.db' },
    })
  })

  it('writes down beforehand what it is about to give, so that giving it waits for no disk', async () => {
    const failures: unknown[] = []
    const book = open({ onFailure: (error) => failures.push(error) })
    await book.prepare([
      { what: 'policy', version: 'a' },
      { what: 'data', version: 'd', given: 7 },
    ])
    const text = readFileSync(join(stateDir, 'numbers.json'), 'utf8')
    now = 5000
    // Whatever is written now would fail.
    rmSync(stateDir, { recursive: true })
    expect(book.numberOf('policy', 'a')).toBe(1000)
    expect(book.numberOf('data', 'd', 7)).toBe(7)
    expect(failures).toEqual([])
    expect(JSON.parse(text)).toMatchObject({
      policy: { number: 1000, version: 'a' },
      data: { number: 7, version: 'd' },
    })
  })

  it('gives no number again that was written down for what did not come to decide', async () => {
    const book = open()
    await book.prepare([{ what: 'policy', version: 'a' }])
    expect(book.numberOf('policy', 'b')).toBe(1001)
    await book.prepare([{ what: 'policy', version: 'c' }])
    // As after a crash.
    expect(open().numberOf('policy', 'd')).toBe(1003)
    expect(book.numberOf('policy', 'b')).toBe(1001)
    expect(() => book.numberOf('policy', 'e', 1000)).toThrow(/older than 1001/)
  })

  it('writes nothing down of a number that goes back, and says where it cannot write', async () => {
    const failures: unknown[] = []
    const book = open({ onFailure: (error) => failures.push(error) })
    book.numberOf('policy', 'a', 7)
    await book.prepare([{ what: 'policy', version: 'b', given: 6 }])
    expect(open().numberOf('policy', 'a', 7)).toBe(7)
    rmSync(stateDir, { recursive: true })
    await book.prepare([{ what: 'policy', version: 'b' }])
    expect(failures).toMatchObject([{ code: 'unwritable-file' }])
    expect(book.numberOf('policy', 'b')).toBe(1000)
    expect(failures).toHaveLength(1)
  })

  it('writes numbers of a store down long before they are given', async () => {
    const written = () => JSON.parse(readFileSync(join(stateDir, 'numbers.json'), 'utf8')).data.upTo
    const book = open({ entityStore: '/var/a.db' })
    book.numberOf('data', 'a', 5)
    expect(written()).toBe(10_005)
    book.numberOf('data', 'b', 5006)
    // At once it is as it was: it is written while others go on.
    expect(written()).toBe(10_005)
    while (written() === 10_005) await new Promise(setImmediate)
    expect(written()).toBe(15_006)
  })
})
