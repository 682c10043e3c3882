import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BundleFault, type BundleServer, startBundleServer } from '../test-support/bundle-server.ts'
import { createHttpOrigin, type HttpOriginOptions } from './http-origin.ts'

const BYTES = Buffer.alloc(1000, 'b')

let server: BundleServer
let folder = ''
beforeAll(async () => {
  server = await startBundleServer(BYTES)
  folder = mkdtempSync(join(tmpdir(), 'edict-origin-'))
})
beforeEach(() => {
  Object.assign(server.serving, { fault: undefined, hasTag: true })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.stop()
})

const never = new AbortController().signal

function look(tag?: string, options: Partial<HttpOriginOptions> = {}) {
  const origin = createHttpOrigin({ url: server.url, timeoutMs: 10_000, maxBytes: 100_000, ...options })
  return origin.look(tag, never)
}

describe('createHttpOrigin', () => {
  it('gives what is there, and asks with what it knows', async () => {
    const found = await look()
    expect(found).toMatchObject({ kind: 'found', tag: expect.stringMatching(/^"[0-9a-f]{16}"$/) })
    if (found.kind !== 'found') return
    expect(Buffer.from(found.bytes).equals(BYTES)).toBe(true)
    expect(await look(found.tag)).toEqual({ kind: 'unchanged' })
    expect(server.requests.at(-1)).toMatchObject({
      'if-none-match': found.tag,
      'accept-encoding': 'identity',
    })
    expect(await look('"other"')).toMatchObject({ kind: 'found' })
  })

  it('does without tags', async () => {
    server.serving.hasTag = false
    expect(await look()).toMatchObject({ kind: 'found', tag: undefined })
  })

  it('sends the token that its file holds now, and no other', async () => {
    const tokenFile = join(folder, 'token')
    for (const token of ['first', 'second']) {
      writeFileSync(tokenFile, `${token}\n`)
      await look(undefined, { tokenFile })
      expect(server.requests.at(-1)?.authorization).toBe(`Bearer ${token}`)
    }
    await look()
    expect(server.requests.at(-1)).not.toHaveProperty('authorization')
    const count = server.requests.length
    for (const token of ['', 'two words', 'a\r\nx: y', 'é']) {
      writeFileSync(tokenFile, token)
      expect(await look(undefined, { tokenFile })).toMatchObject({
        kind: 'missed',
        summary: /holds no token$/,
      })
    }
    expect(await look(undefined, { tokenFile: join(folder, 'none') })).toMatchObject({
      summary: expect.stringMatching(/`bundleTokenFile` cannot be read$/),
    })
    expect(server.requests).toHaveLength(count)
  })

  it.each<[BundleFault, RegExp]>([
    ['error', /answered 503$/],
    ['huge', /sends more than 100000 bytes$/],
    ['says-huge', /sends more than 100000 bytes$/],
    ['huge-once-unpacked', /sends more than 100000 bytes$/],
    ['redirect', /answered 302, and is not followed elsewhere$/],
    ['cut', /cannot be reached \(UND_ERR_SOCKET\)$/],
    ['reset', /cannot be reached \(\w+\)$/],
    ['not-modified', /answered 304$/],
  ])('says why it has none from a server with fault %s', async (fault, summary) => {
    server.serving.fault = fault
    expect(await look()).toMatchObject({ kind: 'missed', summary: expect.stringMatching(summary) })
    expect(server.requests.at(-1)?.host).toBe(new URL(server.url).host)
  })

  it.each<BundleFault>(['hang', 'hang-in-body'])('waits no longer than told for fault %s', async (fault) => {
    server.serving.fault = fault
    expect(await look(undefined, { timeoutMs: 30 })).toMatchObject({
      kind: 'missed',
      summary: 'the server of the bundle did not answer within 30 ms',
    })
  })

  it('ends at once when the service stops', async () => {
    server.serving.fault = 'hang'
    const stopping = new AbortController()
    const origin = createHttpOrigin({ url: server.url, timeoutMs: 60_000, maxBytes: 1000 })
    const looking = origin.look(undefined, stopping.signal)
    stopping.abort()
    expect(await looking).toMatchObject({ kind: 'missed' })
  })

  it('passes on how long to wait', async () => {
    server.serving.fault = 'error'
    expect(await look()).toMatchObject({ retryAfterMs: 7000 })
  })

  it('says nothing of the address where nobody is', async () => {
    const gone = await startBundleServer()
    await gone.stop()
    const found = await look(undefined, { url: `${gone.url}?secret=1` })
    expect(found).toMatchObject({ summary: 'the server of the bundle cannot be reached (ECONNREFUSED)' })
  })
})
