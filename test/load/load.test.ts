// The short form of test/load/soak.ts: many connections at once, and many that do nothing.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSocket, toPost } from '../service/raw.ts'
import {
  createFolder,
  killLeftOver,
  OWN,
  READ,
  type ServiceProcess,
  serveApart,
  WRITE,
} from '../service/serve.ts'
import { hammer } from './hammer.ts'

const folder = createFolder()
const REQUESTS = [toPost('/decide', READ), toPost('/decide', WRITE), toPost('/access/v1/evaluation', OWN)]
const EXPECTED = ['"decision":"allow"', '"decision":"deny"', '{"decision":true}']
let service: ServiceProcess
beforeAll(async () => {
  service = await serveApart(folder, '--decision-log', 'file', '--decision-log-file', 'decisions.log')
}, 30_000)
afterAll(() => {
  killLeftOver()
  folder.remove()
})

const load = (connections: number, until: Promise<unknown>, atLeast = 0) =>
  hammer({ port: service.port, connections, requests: REQUESTS, expected: EXPECTED, until, atLeast })

describe('the service under load', { timeout: 60_000 }, () => {
  it('answers 200 connections at once, each with its own answers', async () => {
    const { answered, failures } = await load(200, Promise.resolve(), 3)
    expect(Object.fromEntries(failures)).toEqual({})
    expect(answered).toBe(600)
  })

  it('answers others while 200 connections say nothing, or half of something', async () => {
    const idle = await Promise.all(Array.from({ length: 200 }, () => openSocket(service.port)))
    for (const [at, socket] of idle.entries())
      if (at % 2 === 0) socket.write('POST /decide HTTP/1.1\r\nHost: x')
    const { answered, failures } = await load(4, Promise.resolve(), 10)
    expect(Object.fromEntries(failures)).toEqual({})
    expect(answered).toBe(40)
    for (const socket of idle) socket.destroy()
  })

  it('loses no request that it accepted when it is told to stop, nor the record of one', async () => {
    const before = folder.read('decisions.log')
    const { answered, failures } = await load(
      32,
      pause(150).then(() => {
        service.signal('SIGTERM')
        // Clients go on: they must learn from the answers that it ends.
        return service.exited
      }),
    )
    expect(await service.exited).toBe(0)
    expect(Object.fromEntries(failures)).toEqual({})
    expect(answered).toBeGreaterThanOrEqual(32)
    const lines = folder.read('decisions.log').split('\n').length
    // What the tests above had answered may have been on its way to the file.
    expect(lines - before.split('\n').length).toBeGreaterThanOrEqual(answered)
    for (const line of folder.read('decisions.log').split('\n').slice(0, -1)) JSON.parse(line)
  })
})
