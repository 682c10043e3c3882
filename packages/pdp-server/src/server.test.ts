import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createApp } from './app.ts'
import { isLoopback, type RunningServer, type ServerOptions, startServer } from './server.ts'
import { createTestPdp, readOpen } from './test-support/service.ts'

const running: RunningServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ app: createApp({ pdp: createTestPdp() }), port: 0, ...options })
  running.push(server)
  return server
}

const ask = (url: string, body: RequestInit['body']) =>
  fetch(`${url}/decide`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  } as RequestInit)

describe('startServer', () => {
  it('answers over a socket', async () => {
    const { url, port } = await start()
    expect(url).toBe(`http://127.0.0.1:${port}`)
    const response = await ask(url, JSON.stringify(readOpen))
    expect([response.status, await response.json()]).toMatchObject([200, { decision: 'allow' }])
  })

  it.each(['id-1', 'caf\u00e9'])('sends X-Request-ID %j back as it came, or not at all', async (id) => {
    const { url } = await start()
    const { headers } = await fetch(`${url}/healthz`, { headers: { 'x-request-id': id } })
    expect([id, null]).toContain(headers.get('x-request-id'))
  })

  it('listens on IPv6 loopback, where there is one', async () => {
    const server = await start({ host: '[::1]' }).catch((error: Error) => error.message)
    if (typeof server === 'string') expect(server).toMatch(/no address of this machine/)
    else expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it('refuses a body that is too large while it comes, and goes on', async () => {
    const app = createApp({ pdp: createTestPdp(), limits: { maxBodyBytes: 1000 } })
    const { url } = await start({ app })
    const endless = new ReadableStream({
      async pull(controller) {
        controller.enqueue(new Uint8Array(500))
        await setTimeout(1)
      },
    })
    // The service may answer 413, or have closed the connection on a sender that does not stop.
    const status = await ask(url, endless).then(
      (response) => response.status,
      () => 'closed',
    )
    expect([413, 'closed']).toContain(status)
    expect((await ask(url, JSON.stringify(readOpen))).status).toBe(200)
  })

  it('outlives senders that are no HTTP clients, or go away', async () => {
    const { url, port } = await start()
    for (const text of [
      '\0\0\0',
      'GET\r\n\r\n',
      'POST /decide HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a"',
    ]) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(text)
      await setTimeout(20)
      socket.destroy()
    }
    expect((await ask(url, JSON.stringify(readOpen))).status).toBe(200)
  })

  it('answers clients of HTTP/1.0 without a Host header', async () => {
    const { port } = await start()
    const socket = connect(port, '127.0.0.1')
    socket.end('GET /healthz HTTP/1.0\r\n\r\n')
    let reply = ''
    for await (const chunk of socket) reply += String(chunk)
    expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it.each([1, 100, 2000, 600_000])('takes a time of %i ms for requests', async (requestTimeoutMs) => {
    expect((await start({ requestTimeoutMs })).port).toBeGreaterThan(0)
  })

  it('says that a port is in use', async () => {
    const { port } = await start()
    await expect(start({ port })).rejects.toMatchObject({
      code: 'cannot-listen',
      message: `port ${port} on 127.0.0.1 is in use: stop what runs there, or take another port`,
    })
  })

  it('says that an address is none of this machine', async () => {
    await expect(start({ host: '203.0.113.1', insecureNoAuth: true })).rejects.toMatchObject({
      code: 'cannot-listen',
    })
  })

  it('refuses to listen for others without authentication', async () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '']) {
      await expect(start({ host })).rejects.toMatchObject({ code: 'unsafe-host' })
    }
    expect((await start({ host: '0.0.0.0', insecureNoAuth: true })).port).toBeGreaterThan(0)
  })
})

describe('the Host of a request', () => {
  const send = async (port: number, head: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1')
    socket.end(`${head}\r\nConnection: close\r\n\r\n`)
    let reply = ''
    for await (const chunk of socket) reply += String(chunk)
    return reply
  }
  const status = async (port: number, head: string) => (await send(port, head)).split(' ')[1]

  it.each(['localhost', 'LocalHost:1', '127.0.0.1:8181', '127.9.9.9', '[::1]:80', 'pdp.example.com:443'])(
    'may be %s',
    async (host) => {
      const { port } = await start({ publicUrl: 'https://PDP.example.com/x' })
      expect(await status(port, `GET /healthz HTTP/1.1\r\nHost: ${host}`)).toBe('200')
    },
  )

  it.each([
    'attacker.example:8181',
    '127.0.0.1.attacker.example',
    'localhost.attacker.example',
    '10.0.0.1',
    '0.0.0.0',
    '[::2]',
    'pdp.example.com',
  ])('may not be %s', async (host) => {
    const { port } = await start()
    const reply = await send(port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX-Request-ID: id-1`)
    expect(reply).toMatch(/^HTTP\/1\.1 421 /)
    expect(reply).toMatch(/content-type: application\/problem\+json/i)
    expect(reply).toMatch(/x-request-id: id-1/i)
    expect(reply).toContain('"status":421')
  })

  it('may be missing before HTTP/1.1, and not empty', async () => {
    const { port } = await start()
    expect(await status(port, 'GET /healthz HTTP/1.0')).toBe('200')
    expect(await status(port, 'GET /healthz HTTP/1.1\r\nHost: ')).not.toBe('200')
  })

  it('may be any where others are let in anyway', async () => {
    const { port } = await start({ insecureNoAuth: true })
    expect(await status(port, 'GET /healthz HTTP/1.1\r\nHost: attacker.example')).toBe('200')
  })
})

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.1', 'localhost', 'LOCALHOST', '::1', '[::1]'])('holds for %s', (host) => {
    expect(isLoopback(host)).toBe(true)
  })

  it.each(['0.0.0.0', '', '::', '10.0.0.1', '1127.0.0.1', '127.0.0.1.example.com', 'localhost.example.com'])(
    'does not hold for %s',
    (host) => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})

describe('stop', () => {
  it('answers what is in flight, and accepts nothing more', async () => {
    const gate = Promise.withResolvers<void>()
    const app = { fetch: () => gate.promise.then(() => new Response('done')) }
    const { url, stop } = await startServer({ app, port: 0 })
    const inFlight = fetch(url)
    await setTimeout(50)
    const stopped = stop()
    // What waited to be accepted still is.
    await setTimeout(20)
    await expect(fetch(url)).rejects.toThrow()
    gate.resolve()
    expect(await (await inFlight).text()).toBe('done')
    await stopped
  })

  it('closes idle connections at once', async () => {
    const { url, stop } = await start()
    await (await fetch(`${url}/healthz`)).text()
    const startedAt = performance.now()
    await stop()
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  it('waits for nobody who connected and said nothing', async () => {
    const { port, stop } = await start()
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const startedAt = performance.now()
    await stop()
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  it('waits no longer than it is told', async () => {
    const app = { fetch: () => new Promise<Response>(() => {}) }
    const { url, stop } = await startServer({ app, port: 0, stopTimeoutMs: 50 })
    const inFlight = fetch(url).then(
      () => 'answered',
      () => 'cut',
    )
    await setTimeout(50)
    await stop()
    expect(await inFlight).toBe('cut')
  })
})
