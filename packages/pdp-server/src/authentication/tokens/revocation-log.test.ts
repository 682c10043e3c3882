import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NO_LOG } from '../../telemetry/log.ts'
import { openRevocationLog, type RevocationLog } from './revocation-log.ts'
import { createRevocations, type Revocation } from './revocations.ts'

const folder = mkdtempSync(join(tmpdir(), 'edict-revocations-'))
afterAll(() => rmSync(folder, { recursive: true }))
const createPath = () => join(mkdtempSync(join(folder, 'x-')), 'revoked.jsonl')
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')

/** Numbers stand for values; those below zero are no longer needed. */
const open = (path: string, compactFromBytes?: number): RevocationLog<number> =>
  openRevocationLog({
    path,
    schema: z.number(),
    log: NO_LOG,
    keep: (values) => [...new Set(values)].filter((value) => value >= 0),
    compactFromBytes,
  })

/** What is new, without the pause between two looks. */
async function readAll(log: RevocationLog<number>): Promise<readonly number[]> {
  const values = [...log.readNew()]
  await new Promise((resolve) => setTimeout(resolve, 55))
  return [...values, ...log.readNew()]
}

describe('openRevocationLog', () => {
  it('drops on start what is no longer needed, and what is there twice', () => {
    const path = createPath()
    writeFileSync(path, '1\n-2\n3\n\n1\n{"cut', { mode: 0o600 })
    expect(open(path).readNew()).toEqual([1, -2, 3, 1])
    expect(lines(path)).toEqual(['1', '3'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(path, '..'))).toEqual(['revoked.jsonl'])
  })

  it('leaves a file alone where there is nothing to drop', () => {
    const path = createPath()
    writeFileSync(path, '1\n2\n')
    const { ino } = statSync(path)
    open(path)
    expect(statSync(path).ino).toBe(ino)
  })

  it('drops them once the file is large, and lets it double before it looks again', () => {
    const path = createPath()
    const log = open(path, 100)
    for (let value = 0; value < 30; value++) log.append([-1, value])
    expect(
      lines(path)
        .map(Number)
        .filter((value) => value >= 0),
    ).toHaveLength(30)
    expect(lines(path).length).toBeLessThan(50)
  })

  it('finishes what a crash left half done', async () => {
    const path = createPath()
    writeFileSync(path, '1\n2\n')
    renameSync(path, `${path}.0123456789abcdef.aside`)
    // Another one got as far as putting a part back.
    appendFileSync(path, '\n1\n')
    expect(open(path).readNew()).toEqual([1, 2, 1])
    expect(lines(path)).toEqual(expect.arrayContaining(['1', '2']))
    expect(readdirSync(join(path, '..'))).toEqual(['revoked.jsonl'])
  })

  it('moves the file that a link leads to, and leaves the link', () => {
    const path = createPath()
    const link = join(path, '../link')
    writeFileSync(path, '1\n-1\n')
    symlinkSync(path, link)
    open(link).append([2])
    expect(lines(path)).toEqual(['1', '2'])
    expect(lines(link)).toEqual(['1', '2'])
  })

  it('tells those that follow of all, however often others write the file anew', async () => {
    const path = createPath()
    const writer = open(path, 1)
    const follower = open(path)
    const seen = new Set<number>(await readAll(follower))
    for (let value = 0; value < 5; value++) {
      writer.append([value, -1])
      for (const one of await readAll(follower)) seen.add(one)
    }
    expect([0, 1, 2, 3, 4].filter((value) => !seen.has(value))).toEqual([])
  })

  const step = fc.record({ who: fc.nat(2), what: fc.constantFrom('append', 'append', 'reopen') })
  test.prop([fc.array(step, { maxLength: 20 }), fc.nat(60)], { numRuns: 30 })(
    'loses nothing in any order of writers, each of which may begin anew',
    (steps, size) => {
      const path = createPath()
      const logs = [0, 1, 2].map(() => open(path, size))
      steps.forEach(({ who, what }, value) => {
        if (what === 'append') logs[who]?.append([value, -value - 1])
        else logs[who] = open(path, size)
      })
      const wanted = steps.flatMap(({ what }, value) => (what === 'append' ? [value] : []))
      expect(
        open(path)
          .readNew()
          .filter((value) => value >= 0),
      ).toEqual(expect.arrayContaining(wanted))
      expect(readdirSync(join(path, '..')).filter((name) => name !== 'revoked.jsonl')).toEqual([])
    },
  )
})

describe('createRevocations', () => {
  const issuer = 'https://issuer.example'
  const start = (path: string, now: number) =>
    createRevocations({ path, log: NO_LOG, now: () => now * 1000, compactFromBytes: 1 })
  const claims = { iss: issuer, sub: 'ann', exp: 1e9, iat: 50 }

  it('keeps in the file what may still count', () => {
    const path = createPath()
    const all: readonly Revocation[] = [
      { issuer, jti: 'old', expiresAt: 1000 },
      { issuer, jti: 'fresh', expiresAt: 9000 },
      { issuer, jti: 'fresh' },
      { issuer, jti: 'fresh', expiresAt: 1000 },
      { issuer, jti: 'endless' },
      { issuer, subject: 'ann', issuedBefore: 40 },
      { issuer, subject: 'ann', issuedBefore: 60 },
      { issuer, subject: 'ann', issuedBefore: 50 },
    ]
    start(path, 500).add(all)
    const revocations = start(path, 2000)
    expect(lines(path).map((line) => JSON.parse(line))).toEqual([
      { issuer, jti: 'fresh' },
      { issuer, jti: 'endless' },
      { issuer, subject: 'ann', issuedBefore: 60 },
    ])
    expect(revocations.count()).toBe(3)
    expect(revocations.isRevoked({ ...claims, jti: 'fresh' })).toBe(true)
    expect(revocations.isRevoked(claims)).toBe(true)
    expect(revocations.isRevoked({ ...claims, iat: 60 })).toBe(false)
  })
})
