import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { type NumberBookOptions, openNumberBook } from './number-book.ts'

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

  it('starts anew for another source', () => {
    open().numberOf('policy', 'a')
    now = 10
    expect(open({ source: 'there' }).numberOf('policy', 'a')).toBe(10)
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

  it('writes for its owner alone, and not for each number of a store', () => {
    const book = open()
    book.numberOf('data', 'a', 5)
    expect(() => readFileSync(join(stateDir, 'numbers.json'))).toThrow(/ENOENT/)
    book.numberOf('policy', 'a')
    expect(JSON.parse(readFileSync(join(stateDir, 'numbers.json'), 'utf8'))).toMatchObject({ source: 'here' })
  })
})
