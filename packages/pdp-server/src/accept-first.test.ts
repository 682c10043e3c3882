import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, it, suite } from 'vitest'
import { acceptFirst } from './accept-first.ts'

let answered: string[] = []
beforeEach(() => {
  answered = []
})

function start() {
  const server = new EventEmitter()
  const { listener, follow } = acceptFirst((incoming) => answered.push(String(incoming.url)))
  follow(server as Server)
  return {
    connect: () => server.emit('connection'),
    ask: (url: string) => listener({ url } as IncomingMessage, {} as ServerResponse),
  }
}

suite('acceptFirst', () => {
  it('answers at once where no connections come, or a single one', async () => {
    const { connect, ask } = start()
    ask('a')
    expect(answered).toEqual(['a'])
    connect()
    await turn()
    ask('b')
    expect(answered).toEqual(['a', 'b'])
  })

  it('answers once connections come no longer, in the order in which requests came', async () => {
    const { connect, ask } = start()
    for (let count = 0; count < 10; count++) {
      connect()
      await turn()
      ask(String(count))
    }
    expect(answered).toEqual(['0'])
    await turn()
    expect(answered).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    ask('late')
    expect(answered.at(-1)).toBe('late')
  })

  it('answers after a while though connections keep coming', async () => {
    const { connect, ask } = start()
    for (let count = 0; count < 1200; count++) {
      connect()
      await turn()
      if (count === 10) ask('a')
      if (count === 1000) ask('b')
    }
    expect(answered).toEqual(['a'])
    await turn()
    expect(answered).toEqual(['a', 'b'])
  })
})
