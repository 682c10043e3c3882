import { afterAll, beforeAll, expect, it, suite } from 'vitest'
import { createApp } from '../app.ts'
import { createPdp, type PdpOptions } from '../decide/pdp.ts'
import { type RunningServer, startServer } from '../server.ts'
import { type Ask, createAsk, createTestPdp, readOpen } from '../test-support/service.ts'

const PATHS = ['/decide', '/access/v1/evaluation', '/access/v1/evaluations', '/access/v1/search/action']
const HUGE = '9007199254740993'

let isStale = false

function createNumberedPdp(options: Partial<PdpOptions> = {}) {
  const { policySet, entities } = createTestPdp().current() ?? {}
  if (policySet === undefined || entities === undefined) throw new Error('nothing is loaded')
  return createPdp({ state: { policySet, entities, numbers: { policy: 7, data: 40 } }, ...options })
}

/** Through the routes, and through the listener that most requests go to. */
const services: { name: string; ask: Ask; stop: () => Promise<void> }[] = []

async function addServices(options: Partial<PdpOptions>): Promise<void> {
  const pdp = createNumberedPdp(options)
  services.push({ name: 'routes', ask: createAsk({ pdp }), stop: async () => {} })
  const server: RunningServer = await startServer({ app: createApp({ pdp }), port: 0 })
  const ask: Ask = async (path, { body, headers = {} } = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
  }
  services.push({ name: 'listener', ask, stop: server.stop })
}

/** Asks all services and all endpoints the same. */
async function checkAll(
  headers: Readonly<Record<string, string>>,
  status: number,
  check: (reply: Awaited<ReturnType<Ask>>) => void = () => {},
): Promise<void> {
  for (const { name, ask } of services) {
    for (const path of PATHS) {
      const reply = await ask(path, { body: readOpen, headers })
      expect([name, path, reply.status], reply.text).toEqual([name, path, status])
      check(reply)
    }
  }
}

async function stopAll(): Promise<void> {
  for (const { stop } of services.splice(0)) await stop()
}

suite('the numbers of policies and data', () => {
  beforeAll(() => addServices({}))
  afterAll(stopAll)

  it('stand in headers', () =>
    checkAll({}, 200, ({ headers }) => {
      expect([headers.get('edict-policy-number'), headers.get('edict-data-number')]).toEqual(['7', '40'])
      expect(headers.has('edict-stale')).toBe(false)
    }))

  it('are enough where they are what is asked for, or more', async () => {
    await checkAll({ 'edict-min-policy-number': '7', 'edict-min-data-number': '40' }, 200)
    await checkAll({ 'Edict-Min-Policy-Number': '0', 'Edict-Min-Data-Number': '39' }, 200)
  })

  it.each([
    [{ 'edict-min-policy-number': '8' }, /policies of number 8 at least; here is 7/],
    [{ 'edict-min-data-number': '41' }, /data of number 41 at least; here is 40/],
    [{ 'edict-min-policy-number': '7', 'edict-min-data-number': '41' }, /data of number 41/],
  ])('are too old for %j', (headers, message) =>
    checkAll(headers, 412, (reply) => {
      expect(reply.text).toMatch(message)
      // So that whoever asks can tell how far this service is.
      expect(reply.headers.get('edict-policy-number')).toBe('7')
    }),
  )

  it.each(['', 'x', '-1', '1.5', '1e3', '0x1', '7, 7', HUGE])('refuse to be asked for as %j', (value) =>
    checkAll({ 'edict-min-policy-number': value }, 400, ({ text }) => {
      expect(text).toMatch(/edict-min-policy-number must be one whole number/)
    }),
  )

  it('are asked for in vain where nobody counts', async () => {
    const ask = createAsk()
    expect((await ask('/decide', { body: readOpen })).headers.has('edict-policy-number')).toBe(false)
    const headers = { 'edict-min-policy-number': '0' }
    expect(await ask('/decide', { body: readOpen, headers })).toMatchObject({ status: 412 })
  })

  it('stand in readiness', async () => {
    const ask = createAsk({ pdp: createNumberedPdp() })
    expect((await ask('/readyz')).json).toMatchObject({ policyNumber: 7, dataNumber: 40 })
  })
})

suite('policies that may be out of date', () => {
  afterAll(stopAll)

  it('give no decisions', async () => {
    await addServices({ isStale: () => isStale })
    isStale = true
    await checkAll({}, 503, ({ text, headers }) => {
      expect(text).toMatch(/whether the policies are current/)
      expect(text).not.toMatch(/"decision"/)
      expect(headers.has('edict-decision-id')).toBe(false)
    })
    isStale = false
    await checkAll({}, 200)
    await stopAll()
  })

  it('give marked ones where that is configured', async () => {
    await addServices({ isStale: () => isStale, whenStale: 'mark' })
    isStale = true
    const before = Date.now()
    await checkAll({}, 200, ({ headers, json }) => {
      expect(headers.get('edict-stale')).toBe('true')
      const { cacheable } = json as { readonly cacheable?: { readonly until: string } }
      if (cacheable !== undefined) expect(Date.parse(cacheable.until)).toBeLessThanOrEqual(Date.now())
      if (cacheable !== undefined) expect(Date.parse(cacheable.until)).toBeGreaterThanOrEqual(before)
    })
    isStale = false
    await checkAll({}, 200, ({ headers }) => expect(headers.has('edict-stale')).toBe(false))
  })
})
