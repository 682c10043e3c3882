import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { findLastGood, keepLastGood, keepNextGood, keepNextGoodSoon, writeNextGood } from './last-good.ts'
import { openStateDirectory } from './state-directory.ts'

const TEXTS = {
  policies: [{ name: 'a.edict', text: 'rule x: "line\u2028\n"' }],
  data: [{ name: '__proto__', text: '{"__proto__": 1}' }],
}

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edict-state-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const path = () => join(root, 'last-good')

suite('keepLastGood', () => {
  it('keeps texts whole, for their owner alone', () => {
    expect(findLastGood(root, 'here')).toBeUndefined()
    keepLastGood(root, 'here', TEXTS, new Date(1000))
    expect(findLastGood(root, 'here')).toEqual({ texts: TEXTS, keptAt: '1970-01-01T00:00:01.000Z' })
    expect(statSync(path()).mode & 0o777).toBe(0o600)
    keepLastGood(root, 'here', { policies: [] })
    expect(findLastGood(root, 'here')?.texts).toEqual({ policies: [] })
  })

  it('does not count what is written for later', () => {
    keepLastGood(root, 'here', { policies: [] })
    writeNextGood(root, 'here', TEXTS)
    expect(findLastGood(root, 'here')?.texts).toEqual({ policies: [] })
    keepNextGood(root)
    expect(findLastGood(root, 'here')?.texts).toEqual(TEXTS)
    expect(() => keepNextGood(root)).toThrow(/last-good cannot be replaced \(ENOENT\)/)
    expect(findLastGood(root, 'here')?.texts).toEqual(TEXTS)
  })

  it('does the same while others go on', async () => {
    keepLastGood(root, 'here', { policies: [] })
    writeNextGood(root, 'here', TEXTS)
    await keepNextGoodSoon(root)
    expect(findLastGood(root, 'here')?.texts).toEqual(TEXTS)
    await expect(keepNextGoodSoon(root)).rejects.toThrow(/last-good cannot be replaced \(ENOENT\)/)
  })

  it('is no last good one of another source', () => {
    keepLastGood(root, 'here', TEXTS)
    expect(findLastGood(root, 'there')).toBeUndefined()
  })

  it('says where it cannot write', () => {
    rmSync(root, { recursive: true })
    expect(() => keepLastGood(root, 'here', TEXTS)).toThrow(/cannot be written/)
    mkdirSync(root)
  })

  it.each<[string, (text: string) => string]>([
    ['cut off', (text) => text.slice(0, -30)],
    ['changed', (text) => text.replace('rule x', 'rule y')],
    ['empty', () => ''],
    ['of another format', (text) => text.replace('/1"', '/2"')],
  ])('refuses what is %s', (_, change) => {
    keepLastGood(root, 'here', TEXTS)
    writeFileSync(path(), change(readFileSync(path(), 'utf8')))
    expect(() => findLastGood(root, 'here')).toThrow(/is not what was written there/)
  })
})

suite('openStateDirectory', () => {
  it('makes the folder, for its owner alone', () => {
    const folder = join(root, 'a', 'b')
    openStateDirectory(folder)
    openStateDirectory(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('refuses a folder that others may write, and what is none', () => {
    chmodSync(root, 0o777)
    expect(() => openStateDirectory(root)).toThrow(/written by others.*chmod 700/)
    chmodSync(root, 0o700)
    writeFileSync(join(root, 'file'), '')
    expect(() => openStateDirectory(join(root, 'file'))).toThrow(/cannot be used \(EEXIST\)/)
  })
})
