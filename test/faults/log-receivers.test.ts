// Places for the decision log that fail: a full disk, and a receiver that hangs, flaps, or answers what is no answer.

import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createFolder, READ, type Service, serveHere, until } from '../service/serve.ts'

const folder = createFolder()
afterAll(() => folder.remove())
const running: Service[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()))
})

async function serve(...flags: readonly string[]): Promise<Service> {
  const service = await serveHere(folder, '--metrics', ...flags)
  running.push(service)
  return service
}

/** Asks so many questions in one batch; gives the ids of the decisions. */
async function ask({ url }: Service, count: number): Promise<readonly string[]> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ requests: Array.from({ length: count }, () => READ) })
  const response = await fetch(`${url}/decide`, { method: 'POST', headers, body })
  expect(response.status).toBe(200)
  const { answers } = (await response.json()) as {
    readonly answers: readonly { readonly decision: string }[]
  }
  expect(answers.every(({ decision }) => decision === 'allow')).toBe(true)
  const id = response.headers.get('edict-decision-id')
  return answers.map((_, at) => `${id}.${at}`)
}

const get = async ({ url }: Service, path: string) => {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, text: await response.text() }
}

type Mode = 'take' | 'hang' | 'garbage' | 'reset' | 'half'

const ANSWERS: Readonly<Record<Exclude<Mode, 'hang' | 'reset'>, string>> = {
  take: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  garbage: '\0\x01SSH-2.0-OpenSSH\r\n\r\n{"decision":"allow"}',
  half: 'HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nha',
}

/** Reads whole requests, and does with each what the mode of the moment says. */
async function startReceiver(modes: () => Mode) {
  const taken: string[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
      const head = text.indexOf('\r\n\r\n')
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? Number.NaN)
      if (head < 0 || text.length < head + 4 + length) return
      const mode = modes()
      if (mode === 'take') taken.push(text.slice(head + 4))
      if (mode === 'reset') socket.resetAndDestroy()
      else if (mode !== 'hang') socket.end(ANSWERS[mode])
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ids: () => taken.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line)),
    hangUp,
    stop: () => {
      hangUp()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a full disk', { timeout: 60_000 }, () => {
  it.runIf(process.platform === 'linux')(
    'costs records and no decisions, and is told everywhere',
    async () => {
      const service = await serve('--decision-log', 'file', '--decision-log-file', '/dev/full')
      await ask(service, 20)
      await until('the failure shows', async () => (await get(service, '/readyz')).text.includes('ENOSPC'))
      expect(await get(service, '/readyz')).toMatchObject({
        status: 200,
        text: expect.stringContaining('degraded'),
      })
      expect((await get(service, '/metrics')).text).toContain('edict_decision_log_up{sink="file"} 0')
      await ask(service, 5)
      expect(await service.stop()).toBe(0)
    },
  )

  it.runIf(process.platform === 'linux')('costs decisions where each needs its record', async () => {
    const audit = ['--audit', 'required', '--audit-timeout-ms', '100']
    const service = await serve('--decision-log', 'file', '--decision-log-file', '/dev/full', ...audit)
    const response = await fetch(`${service.url}/decide`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(READ),
    })
    expect([response.status, await response.text()]).toEqual([503, expect.not.stringMatching(/"decision":/)])
    expect((await get(service, '/readyz')).status).toBe(503)
  })
})

describe('a receiver', { timeout: 60_000 }, () => {
  const http = (url: string, ...more: readonly string[]) => [
    '--decision-log',
    'http',
    '--decision-log-url',
    url,
    ...more,
  ]

  it('that flaps, hangs up and serves garbage gets every record once it works', async () => {
    const modes: Mode[] = ['garbage', 'reset', 'half']
    const receiver = await startReceiver(() => modes.shift() ?? 'take')
    const service = await serve(...http(receiver.url))
    const asked = [...(await ask(service, 10))]
    while (modes.length > 1) {
      asked.push(...(await ask(service, 5)))
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    await until('all arrived', () => {
      const arrived = new Set(receiver.ids().map(({ id }) => id))
      return asked.every((id) => arrived.has(id))
    })
    expect(await service.stop()).toBe(0)
    await receiver.stop()
  })

  it('that hangs holds up no decision, and no stop for long; what it gets says what it did not', async () => {
    let mode: Mode = 'hang'
    const receiver = await startReceiver(() => mode)
    const service = await serve(...http(receiver.url, '--decision-log-buffer-bytes', '65536'))
    const asked = []
    for (let round = 0; round < 5; round++) asked.push(...(await ask(service, 200)))
    const dropped = /edict_decision_log_dropped_total\{sink="http",reason="buffer-full"\} [1-9]/
    await until('lines are dropped', async () => dropped.test((await get(service, '/metrics')).text))
    mode = 'take'
    receiver.hangUp()
    await until('it works again', () => receiver.ids().some(({ event }) => event === 'gap'))
    const lost = () =>
      receiver.ids().reduce((sum, { event, dropped }) => sum + (event === 'gap' ? dropped : 0), 0)
    const arrived = () => receiver.ids().filter(({ event }) => event === 'decision').length
    await until('the sum is right', () => arrived() + lost() === asked.length)
    mode = 'hang'
    await ask(service, 5)
    const startedAt = performance.now()
    expect(await service.stop()).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(5000)
    await receiver.stop()
  })
})
