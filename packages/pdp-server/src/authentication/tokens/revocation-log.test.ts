import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
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
import { type Log, NO_LOG } from '../../telemetry/log.ts'
import { openRevocationLog, type RevocationLog } from './revocation-log.ts'
import { createRevocations, type Revocation, watchRevocations } from './revocations.ts'

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

/** One whose clock goes on when it is told to. */
function openClocked(path: string, log?: Log) {
  const logged: string[] = []
  const keepMessage = (_: object, message: string) => void logged.push(message)
  const own: Log = log ?? { error: keepMessage, warn: keepMessage, info: keepMessage }
  let at = 1000
  const follower = openRevocationLog({
    path,
    schema: z.number(),
    log: own,
    keep: (values) => [...new Set(values)].filter((value) => value >= 0),
    ticks: () => at,
  })
  const pass = (ms: number): void => {
    at += ms
  }
  return { log: own, logged, follower, pass }
}

/** What is new, without the pause between two looks. */
async function readAll(log: RevocationLog<number>): Promise<readonly number[]> {
  const values = [...log.readNew()]
  await new Promise((resolve) => setTimeout(resolve, 55))
  return [...values, ...log.readNew()]
}

/** Once nothing is left to be put right. */
const settled = (log: Pick<RevocationLog<never>, 'append'>) => log.append([])

describe('openRevocationLog', () => {
  it('is in nobody’s way while the disk is written, and one value waits for the other', async () => {
    const path = createPath()
    const log = open(path)
    const ended: string[] = []
    const writes = [1, 2, 3].map((value) => log.append([value]).then(() => ended.push(`${lines(path)}`)))
    // Not so much as begun.
    expect(existsSync(path)).toBe(false)
    await Promise.all(writes)
    expect(ended.map((found, at) => found.startsWith(`${[1, 2, 3].slice(0, at + 1)}`))).toEqual([
      true,
      true,
      true,
    ])
    expect(lines(path)).toEqual(['1', '2', '3'])
  })

  it('says where a value could not be written, and writes the next', async () => {
    const path = createPath()
    const log = open(path)
    mkdirSync(path)
    await expect(log.append([1])).rejects.toMatchObject({ code: 'unwritable-file' })
    rmdirSync(path)
    await log.append([2])
    expect(lines(path)).toEqual(['2'])
  })

  it('drops on start what is no longer needed, and what is there twice', async () => {
    const path = createPath()
    writeFileSync(path, '1\n-2\n3\n\n1\n{"cut', { mode: 0o600 })
    const log = open(path)
    expect(log.readNew()).toEqual([1, -2, 3, 1])
    await settled(log)
    expect(lines(path)).toEqual(['1', '3'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(path, '..'))).toEqual(['revoked.jsonl'])
  })

  it('leaves a file alone where there is nothing to drop', async () => {
    const path = createPath()
    writeFileSync(path, '1\n2\n')
    const { ino } = statSync(path)
    await settled(open(path))
    expect(statSync(path).ino).toBe(ino)
  })

  it('drops them once the file is large, and lets it double before it looks again', async () => {
    const path = createPath()
    const log = open(path, 100)
    for (let value = 0; value < 30; value++) await log.append([-1, value])
    await settled(log)
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
    const log = open(path)
    expect(log.readNew()).toEqual([1, 2, 1])
    await settled(log)
    expect(lines(path)).toEqual(expect.arrayContaining(['1', '2']))
    expect(readdirSync(join(path, '..'))).toEqual(['revoked.jsonl'])
  })

  it('moves the file that a link leads to, and leaves the link', async () => {
    const path = createPath()
    const link = join(path, '../link')
    writeFileSync(path, '1\n-1\n')
    symlinkSync(path, link)
    await open(link).append([2])
    expect(lines(path)).toEqual(['1', '2'])
    expect(lines(link)).toEqual(['1', '2'])
  })

  it('tells those that follow of all, however often others write the file anew', async () => {
    const path = createPath()
    const writer = open(path, 1)
    const follower = open(path)
    const seen = new Set<number>(await readAll(follower))
    for (let value = 0; value < 5; value++) {
      await writer.append([value, -1])
      for (const one of await readAll(follower)) seen.add(one)
    }
    expect([0, 1, 2, 3, 4].filter((value) => !seen.has(value))).toEqual([])
  })

  it('leaves out a line that is no value, keeps all others, and says so once', async () => {
    const path = createPath()
    writeFileSync(path, '1\n')
    const { log, logged, follower, pass } = openClocked(path)
    expect(follower.readNew()).toEqual([1])
    appendFileSync(path, '2\n{"strange":1}\n3\n')
    pass(60)
    expect(follower.readNew()).toEqual([2, 3])
    appendFileSync(path, '{"strange":1}\n4\n')
    pass(60)
    expect(follower.readNew()).toEqual([4])
    expect(follower.health()).toEqual({ problem: undefined, isOutage: false, strangeCount: 1 })
    expect(logged).toEqual(['a line of the file of revocations is no revocation, and is left out'])
    // A restart reads the same, and does not throw away what another version may understand.
    appendFileSync(path, '-5\n')
    const restarted = openClocked(path, log)
    expect(restarted.follower.readNew()).toEqual([1, 2, 3, 4, -5])
    await settled(restarted.follower)
    expect(lines(path)).toEqual(['1', '2', '3', '4', '{"strange":1}'])
  })

  it('reads again what it could not read, says what keeps it from that once, and for how long', () => {
    const path = createPath()
    const { logged, follower, pass } = openClocked(path)
    writeFileSync(path, '1\n')
    expect(follower.readNew()).toEqual([])
    renameSync(path, `${path}.away`)
    mkdirSync(path)
    for (let at = 0; at <= 600; at++) {
      pass(100)
      expect(follower.readNew()).toEqual([])
      expect(follower.health().isOutage).toBe(false)
    }
    expect(follower.health().problem).toBe(`${path} cannot be read (EISDIR)`)
    pass(100)
    expect(follower.readNew()).toEqual([])
    expect(follower.health().isOutage).toBe(true)
    rmdirSync(path)
    renameSync(`${path}.away`, path)
    pass(100)
    expect(follower.readNew()).toEqual([1])
    expect(follower.health()).toEqual({ problem: undefined, isOutage: false, strangeCount: 0 })
    expect(logged).toEqual([
      'the file of revocations cannot be read',
      'the file of revocations can be read again',
    ])
  })

  it('takes a folder that is gone for a file that cannot be read', () => {
    const path = createPath()
    writeFileSync(path, '1\n')
    const { follower, pass } = openClocked(path)
    expect(follower.readNew()).toEqual([1])
    rmSync(join(path, '..'), { recursive: true })
    pass(100)
    expect(follower.readNew()).toEqual([])
    expect(follower.health().problem).toMatch(/is gone/)
  })

  const step = fc.record({ who: fc.nat(2), what: fc.constantFrom('append', 'append', 'reopen') })
  test.prop([fc.array(step, { maxLength: 20 }), fc.nat(60)], { numRuns: 30 })(
    'loses nothing in any order of writers, each of which may begin anew',
    async (steps, size) => {
      const path = createPath()
      const logs = [0, 1, 2].map(() => open(path, size))
      const opened = [...logs]
      const appending: Promise<void>[] = []
      for (const [value, { who, what }] of steps.entries()) {
        if (what === 'reopen') {
          const log = open(path, size)
          logs[who] = log
          opened.push(log)
          continue
        }
        const append = logs[who]?.append([value, -value - 1])
        // Some are under way together.
        if (value % 3 === 0) appending.push(append ?? Promise.resolve())
        else await append
      }
      await Promise.all(appending)
      for (const log of opened) await settled(log)
      const wanted = steps.flatMap(({ what }, value) => (what === 'append' ? [value] : []))
      const last = open(path)
      expect(last.readNew().filter((value) => value >= 0)).toEqual(expect.arrayContaining(wanted))
      await settled(last)
      expect(readdirSync(join(path, '..')).filter((name) => name !== 'revoked.jsonl')).toEqual([])
    },
  )
})

describe('createRevocations', () => {
  const issuer = 'https://issuer.example'
  const start = (path: string, now: number) =>
    createRevocations({ path, log: NO_LOG, now: () => now * 1000, compactFromBytes: 1 })
  const claims = { iss: issuer, sub: 'ann', exp: 1e9, iat: 50 }

  it('keeps in the file what may still count', async () => {
    const path = createPath()
    const all: readonly Revocation[] = [
      { issuer, jti: 'old', expiresAt: 1000 },
      { issuer, jti: 'fresh', expiresAt: 900_000 },
      { issuer, jti: 'fresh' },
      { issuer, jti: 'fresh', expiresAt: 1000 },
      { issuer, jti: 'endless' },
      { issuer, subject: 'ann', issuedBefore: 40 },
      { issuer, subject: 'ann', issuedBefore: 60 },
      { issuer, subject: 'ann', issuedBefore: 50 },
    ]
    const before = start(path, 500)
    await before.add(all)
    await before.add([])
    const revocations = start(path, 1000 + 86_400 + 301)
    await revocations.add([])
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

  it('forgets nothing while the clock is far ahead for a while', async () => {
    const path = createPath()
    const clock = { now: 500, ticks: 0 }
    const begin = () =>
      createRevocations({ path, log: NO_LOG, now: () => clock.now * 1000, ticks: () => clock.ticks * 1000 })
    const revocations = begin()
    const stolen = { ...claims, jti: 'stolen' }
    await revocations.add([{ issuer, jti: 'stolen', expiresAt: 4100 }])
    clock.now += 10 * 365 * 86_400
    await revocations.add([{ issuer, jti: 'other', expiresAt: clock.now }])
    clock.now = 501
    expect(revocations.isRevoked(stolen)).toBe(true)
    // Nor does a start that falls into it, where it is ahead by no more than a day.
    clock.now += 86_400
    const next = begin()
    await next.add([])
    clock.now -= 86_400
    expect(next.isRevoked(stolen)).toBe(true)
    expect(begin().isRevoked(stolen)).toBe(true)
  })

  it('drops what expired a day ago and more, once that has passed by both clocks', async () => {
    const clock = { now: 500, ticks: 0 }
    const revocations = createRevocations({
      path: undefined,
      log: NO_LOG,
      now: () => clock.now * 1000,
      ticks: () => clock.ticks * 1000,
    })
    await revocations.add([{ issuer, jti: 'old', expiresAt: 1000 }])
    const pass = (seconds: number, ticks: number): number => {
      clock.now += seconds
      clock.ticks += ticks
      void revocations.add([])
      return revocations.count()
    }
    expect([pass(86_400, 86_400), pass(10_000, 0), pass(0, 10_000)]).toEqual([1, 1, 0])
  })

  it('refuses a token at once, before the disk has it and also where the disk fails', async () => {
    const path = createPath()
    const revocations = start(path, 500)
    mkdirSync(path)
    const adding = revocations.add([{ issuer, jti: 'one' }])
    expect(revocations.isRevoked({ ...claims, jti: 'one' })).toBe(true)
    await expect(adding).rejects.toMatchObject({ code: 'unwritable-file' })
    expect(revocations.isRevoked({ ...claims, jti: 'one' })).toBe(true)
  })

  it('cannot tell once the file could not be read for a minute, unless a token is known to be revoked', async () => {
    const path = createPath()
    let ticks = 0
    const revocations = createRevocations({ path, log: NO_LOG, now: () => 500_000, ticks: () => ticks })
    await revocations.add([{ issuer, jti: 'one' }])
    const pass = (ms: number) => {
      ticks += ms
      return [
        revocations.isRevoked({ ...claims, jti: 'one' }),
        revocations.isRevoked(claims),
        revocations.check?.(),
      ]
    }
    expect(pass(100)).toEqual([true, false, expect.objectContaining({ status: 'ok', name: 'revocations' })])
    rmSync(path)
    mkdirSync(path)
    expect(pass(100)).toEqual([true, false, expect.objectContaining({ status: 'degraded' })])
    expect(pass(60_001)).toEqual([true, 'unknown', expect.objectContaining({ status: 'failing' })])
    rmdirSync(path)
    writeFileSync(path, '{"issuer":"x"}\n')
    expect(pass(100)).toEqual([
      true,
      false,
      expect.objectContaining({ status: 'degraded', detail: expect.stringMatching(/left out: 1$/) }),
    ])
  })
})

describe('watchRevocations', () => {
  it('cannot tell either where the file that another process follows cannot be read', () => {
    const path = createPath()
    writeFileSync(path, '')
    let ticks = 0
    const own = createRevocations({ path: undefined, log: NO_LOG, now: () => 0 })
    const watched = watchRevocations(own, { path, log: NO_LOG, ticks: () => ticks })
    const claims = { iss: 'https://issuer.example', sub: 'ann', exp: 1e9, iat: 50 }
    own.take([{ issuer: claims.iss, jti: 'one' }])
    const pass = (ms: number) => {
      ticks += ms
      return [
        watched.isRevoked({ ...claims, jti: 'one' }),
        watched.isRevoked(claims),
        watched.check?.().status,
      ]
    }
    expect(own.check).toBeUndefined()
    expect(pass(100)).toEqual([true, false, 'ok'])
    rmSync(path)
    mkdirSync(path)
    expect(pass(100)).toEqual([true, false, 'degraded'])
    expect(pass(60_001)).toEqual([true, 'unknown', 'failing'])
  })

  it('hears of what another instance adds, though the process that follows the file says nothing', () => {
    const path = createPath()
    const issuer = 'https://issuer.example'
    const line = (jti: string) => `${JSON.stringify({ issuer, jti })}\n`
    writeFileSync(path, line('first'))
    let ticks = 0
    const own = createRevocations({ path: undefined, log: NO_LOG, now: () => 0 })
    const watched = watchRevocations(own, { path, log: NO_LOG, ticks: () => ticks })
    const isRevoked = (jti: string) => {
      ticks += 50
      return watched.isRevoked({ iss: issuer, sub: 'ann', exp: 1e9, jti })
    }
    expect([isRevoked('first'), isRevoked('second')]).toEqual([true, false])
    appendFileSync(path, `${line('second')}{"issuer":"x"}\n`)
    expect([isRevoked('second'), isRevoked('third')]).toEqual([true, false])
    expect(watched.check?.()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/left out: 1$/),
    })
  })
})
