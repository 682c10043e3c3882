import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SourceFailure, SourceState } from '../sources/policy-source.ts'
import { ticks } from '../sources/ticks.ts'
import { NO_LOG } from '../telemetry/log.ts'
import { type BundleServer, startBundleServer } from '../test-support/bundle-server.ts'
import {
  createTestKey,
  signTestBundle,
  type TestBundleOptions,
  type TestKey,
} from '../test-support/bundles.ts'
import type { BundleKeys } from './bundle-key.ts'
import type { BundleLook, BundleOrigin } from './bundle-origin.ts'
import { BundleSource, type BundleSourceOptions } from './bundle-source.ts'
import { createFileOrigin } from './file-origin.ts'
import { createHttpOrigin } from './http-origin.ts'
import { createKeptBundle, type KeptBundle } from './kept-bundle.ts'

const key = createTestKey()
const nextKey = createTestKey()
const bothKeys = new Map([...key.keys, ...nextKey.keys])
const NOW = Date.UTC(2026, 5, 1)
const MAX_BYTES = 1_000_000

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edict-bundle-'))
  path = join(folder, 'kept.bundle')
})
const running: BundleSource[] = []
afterEach(async () => {
  for (const source of running.splice(0)) await source.stop()
  rmSync(folder, { recursive: true })
})

/** What a listener heard, in order. */
type Heard =
  | { readonly loaded: number | undefined; readonly state: SourceState; readonly checkedAt: number }
  | { readonly confirmed: true; readonly checkedAt: number }
  | { readonly failed: string; readonly failure: SourceFailure }

interface Follower {
  readonly source: BundleSource
  readonly heard: Heard[]
  /** Serials that were loaded, `ok` for what was confirmed, sentences for failures; since the last time. */
  readonly news: () => readonly unknown[]
  /** Whether a state can be put in place. */
  fits: (state: SourceState) => boolean
}

interface FakeOrigin extends BundleOrigin {
  answer: BundleLook
  readonly tags: (string | undefined)[]
}

function createOrigin(bytes?: Uint8Array): FakeOrigin {
  const origin: FakeOrigin = {
    answer: bytes === undefined ? { kind: 'missed', summary: 'gone' } : found(bytes),
    tags: [],
    look: async (tag) => {
      origin.tags.push(tag)
      return origin.answer
    },
  }
  return origin
}

const found = (bytes: Uint8Array, tag?: string): BundleLook => ({ kind: 'found', bytes, tag })
const gone: BundleLook = { kind: 'missed', summary: 'gone' }

/** Looks only when told to. */
function follow(origin: BundleOrigin, options: Partial<BundleSourceOptions> = {}): Follower {
  const source = new BundleSource({
    bundleName: 'docs',
    keys: { current: () => bothKeys },
    origin,
    pollMs: 1000,
    log: NO_LOG,
    now: () => NOW,
    wait: (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', reject)),
    ...options,
  })
  running.push(source)
  const heard: Heard[] = []
  let seen = 0
  return {
    fits: () => true,
    source,
    heard,
    news: () => {
      const news = heard.slice(seen).map(toNews)
      seen = heard.length
      return news
    },
  }
}

function toNews(heard: Heard): unknown {
  if ('failed' in heard) return heard.failed
  return 'confirmed' in heard ? 'ok' : heard.loaded
}

function start(follower: Follower): Promise<void> {
  const { source, heard } = follower
  return source.start({
    loaded: (state, checkedAt) => {
      heard.push({ loaded: state.numbers?.policy, state, checkedAt })
      return follower.fits(state)
    },
    confirmed: (checkedAt) => {
      const last = heard.findLast((one) => 'loaded' in one)
      heard.push({ confirmed: true, checkedAt })
      return last === undefined || follower.fits(last.state)
    },
    failed: (failure) => heard.push({ failed: failure.summary, failure }),
  })
}

const sign = (options: TestBundleOptions = {}, by: TestKey = key) => signTestBundle(by, options)
const keep = () => createKeptBundle(path, MAX_BYTES)

describe('BundleSource', () => {
  it('loads what is there, numbered by its serial, and confirms what stays', async () => {
    const origin = createOrigin()
    origin.answer = found(sign({ serial: 7 }), '"a"')
    const follower = follow(origin)
    await start(follower)
    expect(follower.news()).toEqual([7])
    expect(follower.heard[0]).toMatchObject({ state: { numbers: { policy: 7, data: 7 } } })
    origin.answer = { kind: 'unchanged' }
    await follower.source.reload()
    expect(follower.news()).toEqual(['ok'])
  })

  it('takes the same bytes for the same bundle, whatever their tag', async () => {
    const origin = createOrigin(sign())
    const follower = follow(origin)
    await start(follower)
    origin.answer = found(sign(), '"other"')
    await follower.source.reload()
    expect(follower.news()).toEqual([1, 'ok'])
  })

  it('takes nothing more that is signed with a key that was taken back, and what a new one signed', async () => {
    let keys: BundleKeys = key.keys
    const origin = createOrigin(sign())
    const follower = follow(origin, { keys: { current: () => keys } })
    const { source, news } = follower
    await start(follower)
    origin.answer = found(sign({ serial: 2 }, nextKey))
    await source.reload()
    expect(news()).toEqual([1, expect.stringMatching(/none of those that count/)])
    // It was refused, and counts once its key does.
    keys = bothKeys
    await source.reload()
    expect(news()).toEqual([2])
    keys = nextKey.keys
    origin.answer = found(sign({ serial: 3 }))
    await source.reload()
    expect(news()).toEqual([expect.stringMatching(/none of those that count/)])
    // What is in use goes on, but nothing makes it current.
    keys = key.keys
    origin.answer = { kind: 'unchanged' }
    await source.reload()
    expect(news()).toEqual([expect.stringMatching(/is signed with a key that was taken back/)])
    keys = bothKeys
    await source.reload()
    expect(news()).toEqual(['ok'])
  })

  it('does not put a bundle in place whose key was taken back while it waited for data that fits', async () => {
    let keys: BundleKeys = key.keys
    const origin = createOrigin(sign())
    const follower = follow(origin, { keys: { current: () => keys } })
    await start(follower)
    follower.fits = () => false
    origin.answer = found(sign({ serial: 2 }))
    await follower.source.reload()
    follower.fits = () => true
    keys = nextKey.keys
    await follower.source.reload()
    expect(follower.news()).toEqual([1, 2, expect.stringMatching(/taken back/)])
  })

  it('takes newer ones, of either key', async () => {
    const origin = createOrigin(sign())
    const follower = follow(origin)
    await start(follower)
    for (const [serial, by] of [
      [2, nextKey],
      [3, key],
      [30, nextKey],
    ] as const) {
      origin.answer = found(sign({ serial }, by))
      await follower.source.reload()
    }
    expect(follower.news()).toEqual([1, 2, 3, 30])
  })

  it.each<[string, () => Uint8Array, RegExp]>([
    ['an older one', () => sign({ serial: 4 }), /has serial 4, and 5 was seen before/],
    [
      'another of the same serial',
      () => sign({ serial: 5, createdAt: 1 }),
      /has serial 5 like the one before/,
    ],
    [
      'the same content of the same serial by another key',
      () => sign({ serial: 5 }, nextKey),
      /and is another/,
    ],
    ['one for others', () => sign({ serial: 6, name: 'other' }), /is `other`, and not `docs`/],
    ['one of a stranger', () => sign({ serial: 6 }, createTestKey()), /none of those that count/],
    ['one that has ended', () => sign({ serial: 6, notAfter: NOW }), /must not be used after/],
    ['garbage', () => Buffer.from('<html>'), /is none/],
    ['half of one', () => sign({ serial: 6 }).subarray(0, 900), /has no signature of the key/],
  ])('refuses %s, says so once, and goes on with what it has', async (_, bytes, message) => {
    const origin = createOrigin(sign({ serial: 5 }))
    const follower = follow(origin, { kept: keep() })
    await start(follower)
    origin.answer = found(bytes())
    await follower.source.reload()
    await follower.source.reload()
    expect(follower.news()).toEqual([5, expect.stringMatching(message)])
    expect(readFileSync(path).equals(sign({ serial: 5 }))).toBe(true)
    origin.answer = found(sign({ serial: 6 }))
    await follower.source.reload()
    expect(follower.news()).toEqual([6])
  })

  it('takes no entity data where that comes from elsewhere', async () => {
    const origin = createOrigin(sign())
    const follower = follow(origin, { takesData: false })
    await start(follower)
    origin.answer = found(sign({ serial: 2, data: false }))
    await follower.source.reload()
    expect(follower.news()).toEqual([
      expect.stringMatching(/holds entity data, which comes from `entityStore`/),
      2,
    ])
  })

  it('keeps no one alive by a tag after a bundle was refused', async () => {
    const origin = createOrigin()
    origin.answer = found(sign(), '"good"')
    const wake = createWaker()
    const follower = follow(origin, wake.options)
    await start(follower)
    origin.answer = found(Buffer.from('x'), '"bad"')
    await wake.next()
    await wake.next()
    expect(origin.tags).toEqual([undefined, '"good"', '"good"'])
  })

  it('says that what has ended is not current, though nothing newer is there', async () => {
    let now = NOW
    const origin = createOrigin(sign({ notAfter: NOW + 1000 }))
    const follower = follow(origin, { now: () => now })
    await start(follower)
    now += 1000
    origin.answer = { kind: 'unchanged' }
    await follower.source.reload()
    expect(follower.news()).toEqual([
      1,
      expect.stringMatching(/must not be used after .* nothing newer is there/),
    ])
  })

  it('takes what came at the wrong time by the clock once the clock is right', async () => {
    let now = NOW + 2000
    const origin = createOrigin(sign({ notAfter: NOW + 1000 }))
    const follower = follow(origin, { now: () => now })
    await start(follower)
    now = NOW
    await follower.source.reload()
    expect(follower.news()).toEqual([expect.stringMatching(/must not be used after/), 1])
  })

  it('survives a fault in loading', async () => {
    const follower = follow({ look: () => Promise.reject(new TypeError('no such thing')) })
    await start(follower)
    expect(follower.news()).toEqual(['the bundle cannot be loaded'])
  })

  it('stops though its origin never answers', async () => {
    const follower = follow({ look: () => new Promise(() => {}) }, { firstLookMs: 1 })
    await start(follower)
    await follower.source.stop()
    expect(follower.news()).toEqual([])
  })

  it('tells nothing more once it is stopped', async () => {
    const origin = createOrigin(sign())
    const follower = follow(origin)
    const starting = start(follower)
    await follower.source.stop()
    await starting
    await follower.source.reload()
    expect(follower.news()).toEqual([])
  })
})

describe('what BundleSource keeps', () => {
  const startWith = async (origin: BundleOrigin, options: Partial<BundleSourceOptions> = {}) => {
    const follower = follow(origin, { kept: keep(), ...options })
    await start(follower)
    return follower
  }

  it('is what was signed, to the byte, for its owner alone', async () => {
    await startWith(createOrigin(sign({ serial: 3 })))
    expect(readFileSync(path).equals(sign({ serial: 3 }))).toBe(true)
  })

  it('is used where the origin is away at the start, and given up for what comes', async () => {
    writeFileSync(path, sign({ serial: 3 }))
    const origin = createOrigin()
    const follower = await startWith(origin)
    expect(follower.news()).toEqual([3, 'gone'])
    origin.answer = found(sign({ serial: 3 }))
    await follower.source.reload()
    origin.answer = found(sign({ serial: 4 }))
    await follower.source.reload()
    expect(follower.news()).toEqual(['ok', 4])
  })

  it('is used where the origin gives what it must not', async () => {
    writeFileSync(path, sign({ serial: 3 }))
    const follower = await startWith(createOrigin(sign({ serial: 2 })))
    expect(follower.news()).toEqual([3, expect.stringMatching(/has serial 2, and 3 was seen before/)])
  })

  it('is as old as its last confirmation', async () => {
    writeFileSync(path, sign())
    const hourAgo = new Date(Date.now() - 3_600_000)
    utimesSync(path, hourAgo, hourAgo)
    const { heard } = await startWith(createOrigin())
    const [first] = heard
    const age = ticks() - (first !== undefined && 'checkedAt' in first ? first.checkedAt : 0)
    expect(age).toBeGreaterThan(3_590_000)
    expect(age).toBeLessThan(3_660_000)
  })

  it('is confirmed with the bundle', async () => {
    const origin = createOrigin(sign())
    const { source } = await startWith(origin)
    const hourAgo = new Date(Date.now() - 3_600_000)
    utimesSync(path, hourAgo, hourAgo)
    origin.answer = { kind: 'unchanged' }
    await source.reload()
    expect((await keep().read())?.ageMs).toBeLessThan(60_000)
  })

  it('is used meanwhile where the origin does not answer', async () => {
    writeFileSync(path, sign({ serial: 3 }))
    const answer = Promise.withResolvers<BundleLook>()
    const follower = await startWith({ look: () => answer.promise }, { firstLookMs: 1 })
    expect(follower.news()).toEqual([3])
    answer.resolve(found(sign({ serial: 4 })))
    await follower.source.reload()
    expect(follower.news()).toEqual([4, 'ok'])
  })

  it('holds no start up for long, though there is nothing kept', async () => {
    const answer = Promise.withResolvers<BundleLook>()
    const follower = await startWith({ look: () => answer.promise }, { firstLookMs: 1 })
    expect(follower.news()).toEqual([])
    answer.resolve(gone)
    await follower.source.reload()
    expect(follower.news()).toEqual(['gone'])
  })

  it.each<[string, () => Uint8Array]>([
    ['was changed', () => Buffer.concat([sign(), Buffer.from('x')])],
    ['is cut off', () => sign().subarray(0, 500)],
    ['is empty', () => new Uint8Array()],
    ['was signed with a key that no longer counts', () => sign({}, createTestKey())],
    ['is for others', () => sign({ name: 'other' })],
    ['has ended', () => sign({ notAfter: NOW - 1 })],
  ])('is not used where it %s', async (_, bytes) => {
    writeFileSync(path, bytes())
    const follower = await startWith(createOrigin())
    expect(follower.news()).toEqual(['gone'])
  })

  it('keeps older ones out though it has ended itself', async () => {
    writeFileSync(path, sign({ serial: 3, notAfter: NOW - 1 }))
    const follower = await startWith(createOrigin(sign({ serial: 2 })))
    expect(follower.news()).toEqual([expect.stringMatching(/has serial 2, and 3 was seen before/)])
  })

  it('is what was put in place, and so is what keeps older ones out', async () => {
    const origin = createOrigin(sign({ serial: 3 }))
    const follower = await startWith(origin)
    follower.fits = ({ numbers }) => numbers?.policy !== 5
    const keeps = (serial: number) => readFileSync(path).equals(sign({ serial }))
    origin.answer = found(sign({ serial: 5 }), '"5"')
    await follower.source.reload()
    origin.answer = { kind: 'unchanged' }
    await follower.source.reload()
    expect([follower.news(), keeps(3)]).toEqual([[3, 5, 'ok'], true])
    for (const serial of [3, 4, 5]) {
      origin.answer = found(sign({ serial }))
      await follower.source.reload()
    }
    expect([follower.news(), keeps(4)]).toEqual([[3, 'ok', 4, 5], true])
    // It fits at last.
    follower.fits = () => true
    await follower.source.reload()
    expect([follower.news(), keeps(5)]).toEqual([['ok'], true])
    origin.answer = found(sign({ serial: 4 }))
    await follower.source.reload()
    expect(follower.news()).toEqual([expect.stringMatching(/has serial 4, and 5 was seen before/)])
  })

  it('is used where what the origin gives at the start does not fit, which is told again', async () => {
    writeFileSync(path, sign({ serial: 3 }))
    const follower = follow(createOrigin(sign({ serial: 4 })), { kept: keep() })
    follower.fits = ({ numbers }) => numbers?.policy === 3
    await start(follower)
    expect(follower.news()).toEqual([4, 3, 4])
    expect(readFileSync(path).equals(sign({ serial: 3 }))).toBe(true)
  })

  it('stops nothing where it cannot be written, is told, and tried again', async () => {
    const failing: KeptBundle = createKeptBundle(join(folder, 'none/kept.bundle'), MAX_BYTES)
    const kept = { current: failing }
    const origin = createOrigin()
    origin.answer = found(sign(), '"a"')
    const follower = await startWith(origin, {
      kept: {
        read: () => kept.current.read(),
        write: (bytes) => kept.current.write(bytes),
        confirm: () => kept.current.confirm(),
      },
    })
    expect(follower.news()).toEqual([1])
    expect(follower.source.probes.map((probe) => probe())).toMatchObject([{ status: 'degraded' }])
    kept.current = keep()
    await follower.source.reload()
    expect(follower.news()).toEqual(['ok'])
    expect(follower.source.probes.map((probe) => probe())).toMatchObject([{ status: 'ok' }])
    expect(readFileSync(path).equals(sign())).toBe(true)
  })
})

describe('whatever comes, in whatever order', () => {
  const pool = [1, 2, 3, 4].flatMap((serial) => [
    { serial, isGood: true, bytes: sign({ serial }) },
    { serial, isGood: true, bytes: sign({ serial, createdAt: serial }, nextKey) },
    { serial: 9, isGood: false, bytes: sign({ serial: 9, name: 'other' }) },
    { serial: 9, isGood: false, bytes: sign({ serial: 9 }).subarray(0, 800 + serial) },
  ])
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...pool) },
    { weight: 1, arbitrary: fc.constantFrom('gone', 'restart') },
  )

  it('what decides is the greatest that was good, over restarts too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        rmSync(path, { force: true })
        const origin = createOrigin()
        const begin = async () => {
          const follower = follow(origin, { kept: keep() })
          await start(follower)
          return follower
        }
        let follower = await begin()
        let best: { readonly serial: number; readonly bytes: Uint8Array } | undefined
        for (const now of steps) {
          if (now === 'restart') {
            await follower.source.stop()
            follower = await begin()
          } else {
            origin.answer = now === 'gone' ? gone : found(now.bytes)
            await follower.source.reload()
            if (now !== 'gone' && now.isGood && now.serial > (best?.serial ?? 0)) best = now
          }
          const loaded = follower.heard.flatMap((heard) => ('loaded' in heard ? [heard.loaded] : []))
          expect(loaded.at(-1)).toBe(best?.serial)
          const kept = await keep().read()
          expect(kept && Buffer.from(kept.bytes)).toEqual(best && Buffer.from(best.bytes))
        }
        await follower.source.stop()
      }),
      { numRuns: 25 },
    )
  })
})

/** Waits that end when a test says so. */
function createWaker() {
  const pauses: number[] = []
  let wake: (() => void) | undefined
  let waiting: (() => void) | undefined
  const options = {
    random: () => 0.5,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        pauses.push(ms)
        wake = resolve
        signal.addEventListener('abort', reject)
        waiting?.()
      }),
  }
  return {
    pauses,
    options,
    /** Ends the pause, and with it the look that follows. */
    next: async () => {
      const looked = new Promise<void>((resolve) => {
        waiting = resolve
      })
      wake?.()
      await looked
    },
  }
}

describe('the pauses of BundleSource', () => {
  it('grow with each failure up to four polls, and shrink once it works', async () => {
    const wake = createWaker()
    const origin = createOrigin(sign())
    await start(follow(origin, { pollMs: 3000, ...wake.options }))
    origin.answer = gone
    for (let failures = 0; failures < 6; failures++) await wake.next()
    origin.answer = found(sign())
    await wake.next()
    expect(wake.pauses).toEqual([3000, 750, 1500, 3000, 6000, 9000, 9000, 3000])
  })

  it('differ from service to service', async () => {
    const pauses: number[] = []
    for (const random of [0, 0.999]) {
      const wake = createWaker()
      await start(follow(createOrigin(sign()), { pollMs: 30_000, ...wake.options, random: () => random }))
      pauses.push(...wake.pauses)
    }
    expect(pauses).toEqual([27_000, expect.closeTo(32_994)])
  })

  it('are as long as the server asks', async () => {
    const wake = createWaker()
    const origin = createOrigin()
    origin.answer = { kind: 'missed', summary: 'busy', retryAfterMs: 60_000 }
    await start(follow(origin, wake.options))
    origin.answer = gone
    await wake.next()
    expect(wake.pauses).toEqual([60_000, 1500])
  })
})

describe('a bundle behind a server that fails', () => {
  let server: BundleServer
  beforeEach(async () => {
    server = await startBundleServer(sign({ serial: 1 }))
  })
  afterEach(() => server.stop())

  const followServer = async () => {
    const options = { url: server.url, timeoutMs: 20_000, maxBytes: 100_000 }
    const origin = createHttpOrigin(options)
    const wake = createWaker()
    const follower = follow(origin, { kept: keep(), ...wake.options })
    await start(follower)
    return { follower, options, next: wake.next }
  }

  it.each([
    'error',
    'hang',
    'hang-in-body',
    'garbage',
    'html',
    'huge',
    'says-huge',
    'redirect',
    'cut',
    'reset',
  ] as const)('goes on through fault %s', async (fault) => {
    const { follower, options, next } = await followServer()
    server.serving.fault = fault
    if (fault.startsWith('hang')) options.timeoutMs = 20
    server.serving.bytes = sign({ serial: 2 })
    await next()
    await next()
    Object.assign(options, { timeoutMs: 20_000 })
    server.serving.fault = undefined
    await next()
    await next()
    expect(follower.news()).toEqual([1, expect.any(String), 2, 'ok'])
    expect(server.requests.at(-1)).toHaveProperty('if-none-match')
    expect(server.statuses.at(-1)).toBe(304)
  })

  it('flaps without harm', async () => {
    const { follower, next } = await followServer()
    for (let serial = 2; serial < 6; serial++) {
      server.serving.fault = serial % 2 === 0 ? 'reset' : 'error'
      await next()
      server.serving.fault = undefined
      server.serving.bytes = sign({ serial })
      await next()
    }
    expect(follower.news().filter((item) => typeof item === 'number')).toEqual([1, 2, 3, 4, 5])
  })
})

describe('a bundle in a file', () => {
  it('is followed: replaced, taken away, half written, put back', async () => {
    const file = join(folder, 'docs.bundle')
    const put = (bytes: Uint8Array) => {
      writeFileSync(`${file}.new`, bytes)
      renameSync(`${file}.new`, file)
    }
    put(sign({ serial: 1 }))
    const wake = createWaker()
    const follower = follow(createFileOrigin({ path: file, maxBytes: MAX_BYTES }), wake.options)
    await start(follower)
    await wake.next()
    put(sign({ serial: 2 }))
    await wake.next()
    rmSync(file)
    await wake.next()
    put(sign({ serial: 3 }).subarray(0, 700))
    await wake.next()
    put(sign({ serial: 3 }))
    await wake.next()
    expect(follower.news()).toEqual([
      1,
      'ok',
      2,
      'there is no file at `bundleFile`',
      expect.stringMatching(/has no signature/),
      3,
    ])
  })
})
