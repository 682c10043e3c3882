// Clients that ask as fast as they are answered, each over one connection of its own; by hand, since the time of a
// client library would be most of what is measured.
import { connect } from 'node:net'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

export interface HammerOptions {
  readonly port: number
  readonly connections: number
  /** Whole requests, asked in turn. */
  readonly requests: readonly string[]
  /** What its answer must hold, for each request. */
  readonly expected: readonly string[]
  /** When to stop; each connection has had its answers by then, and those that it must have. */
  readonly until: Promise<unknown>
  /** Answers that each connection must have. Default 0. */
  readonly atLeast?: number
}

export interface HammerResult {
  readonly answered: number
  /** Answers that were wrong, and requests whose answer never came. */
  readonly failures: ReadonlyMap<string, number>
  /** Microseconds. */
  readonly latency: RecordableHistogram
}

export async function hammer(options: HammerOptions): Promise<HammerResult> {
  const latency = createHistogram()
  const failures = new Map<string, number>()
  const state = { isOver: false, answered: 0 }
  const fail = (why: string): void => {
    failures.set(why, (failures.get(why) ?? 0) + 1)
  }
  void options.until.then(() => {
    state.isOver = true
  })
  const clients = Array.from({ length: options.connections }, (_, at) =>
    runClient(options, at, state, latency, fail),
  )
  await Promise.all(clients)
  return { answered: state.answered, failures, latency }
}

function runClient(
  { port, requests, expected, atLeast = 0 }: HammerOptions,
  first: number,
  state: { isOver: boolean; answered: number },
  latency: RecordableHistogram,
  fail: (why: string) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    let turn = first
    let sentAt = 0
    let text = ''
    let isWaiting = false
    const ask = (): void => {
      if (state.isOver && turn - first >= atLeast) {
        socket.end()
        return
      }
      sentAt = performance.now()
      isWaiting = true
      socket.write(requests[turn % requests.length] ?? '')
    }
    socket.on('connect', ask)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const end = endOfReply(text)
      if (end === undefined) return
      latency.record(Math.max(1, Math.round((performance.now() - sentAt) * 1000)))
      isWaiting = false
      const wanted = expected[turn % expected.length] ?? ''
      if (text.startsWith('HTTP/1.1 200') && text.includes(wanted)) state.answered++
      else fail(`answered ${text.slice(0, 12)}`)
      const isLast = /^connection: close/im.test(text.slice(0, 600))
      text = ''
      turn++
      // Whoever is told that the connection ends asks nothing more over it.
      if (!isLast) ask()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (isWaiting) fail('no answer')
      resolve()
    })
  })
}

const LENGTH = /\r\ncontent-length: (\d+)/i

/** Undefined where there is more to come. */
function endOfReply(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = Number(LENGTH.exec(text.slice(0, head))?.[1] ?? 0)
  const end = head + 4 + length
  return text.length >= end ? end : undefined
}
