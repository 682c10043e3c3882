import { describe, expect, it } from 'vitest'
import { DeliveryError } from '../decision-log/channel.ts'
import { PdpServerError } from '../errors.ts'
import { describeDeliveryError } from './log-hub.ts'
import { RemoteError, Wire, type WireOptions } from './wire.ts'

/** Two ends, over what survives the way from one process to another. */
function connect(options: WireOptions = {}) {
  const listeners: ((message: unknown) => void)[] = []
  const port = (other: number) => ({
    send: (message: unknown) => {
      const copy = structuredClone(message)
      queueMicrotask(() => listeners[other]?.(copy))
    },
    onMessage: (listener: (message: unknown) => void) => void listeners.push(listener),
  })
  return [new Wire(port(1), options), new Wire(port(0), options)] as const
}

describe('Wire', () => {
  it('gives each question its own answer', async () => {
    const [one, other] = connect()
    other.handle('double', async (payload) => {
      const value = Number(payload)
      for (let count = value; count < 3; count++) await Promise.resolve()
      return value * 2
    })
    other.handle('bytes', (payload) => payload)
    one.handle('double', () => 'mine')
    expect(await Promise.all([1, 2, 3].map((value) => one.ask('double', value)))).toEqual([2, 4, 6])
    expect(await other.ask('double', 1)).toBe('mine')
    expect(await one.ask('bytes', new Uint8Array([1, 2]))).toEqual(new Uint8Array([1, 2]))
  })

  it('hands errors over with what tells them apart', async () => {
    const [one, other] = connect({ describeError: describeDeliveryError })
    other.handle('refused', () => {
      throw new PdpServerError('unwritable-file', 'full')
    })
    other.handle('busy', () => Promise.reject(new DeliveryError('busy', { retryAfterMs: 7 })))
    other.handle('odd', () => () => 'what cannot be sent')
    await expect(one.ask('refused')).rejects.toMatchObject({ code: 'unwritable-file', message: 'full' })
    await expect(one.ask('busy')).rejects.toMatchObject({ detail: { isFinal: false, retryAfterMs: 7 } })
    await expect(one.ask('odd')).rejects.toThrow(/could not be cloned/)
    await expect(one.ask('nothing')).rejects.toBeInstanceOf(RemoteError)
    await expect(one.ask('odd', () => 'what cannot be sent')).rejects.toThrow(/could not be cloned/)
  })

  it('leaves nobody waiting for an end that is gone', async () => {
    const [one, other] = connect()
    other.handle('hang', () => new Promise(() => {}))
    const asked = one.ask('hang')
    one.close()
    await expect(asked).rejects.toThrow('the other process is gone')
    await expect(one.ask('hang')).rejects.toThrow('the other process is gone')
    one.tell('news')
  })

  it('tells of news that go wrong', async () => {
    const errors: unknown[] = []
    const [one, other] = connect({ onError: (error) => errors.push(error) })
    other.handle('news', () => {
      throw new Error('bad news')
    })
    one.tell('news')
    one.tell('unheard')
    await new Promise((resolve) => setImmediate(resolve))
    expect(errors.map(String)).toEqual(['Error: bad news', 'Error: nobody takes unheard'])
  })
})
