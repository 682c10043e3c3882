import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, it, suite } from 'vitest'
import { inTime } from './in-time.ts'

/** Nothing runs in this thread meanwhile. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

suite('inTime', () => {
  it('hears what came while this process was held up for longer than the time given', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const [socket] = await once(server, 'connection')
    try {
      const answer = inTime(once(socket, 'data'), 20)
      client.write('answer')
      holdUp(60)
      expect(await answer).toBe(true)
    } finally {
      client.destroy()
      socket.destroy()
      server.close()
    }
  })

  it('does not count a hold-up against who has yet to answer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const answer = inTime(promise, 40)
    holdUp(80)
    setTimeout(resolve, 1)
    expect(await answer).toBe(true)
  })

  it('gives up who never answers, or answers with an error', async () => {
    expect(await inTime(new Promise(() => {}), 5)).toBe(false)
    expect(await inTime(Promise.reject(new Error('no')), 5)).toBe(false)
  })
})
