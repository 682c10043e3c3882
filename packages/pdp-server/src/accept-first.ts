// Lets connections in before requests are answered, where many come at once. Node accepts one in each turn of its loop,
// and a turn answers all requests that have come: so the more connections there are, the longer each new one waits.
import type { RequestListener } from 'node:http'
import type { Server } from 'node:net'

/**
 * Requests wait for so many connections at most, then all are answered. Turns, not milliseconds: the first one reads all
 * that has come, which may take longer than any bound, and the others next to nothing.
 */
const MAX_TURNS = 512
/** One that comes alone makes nobody wait. */
const BURST_TURNS = 2

/** Gives a listener that hands over to `answer`, at once but for while connections keep coming. */
export function acceptFirst(answer: RequestListener): {
  readonly listener: RequestListener
  readonly follow: (server: Server) => void
} {
  const held: (() => void)[] = []
  let accepted = 0
  /** Turns in a row that let a connection in. */
  let turns = 0
  let heldTurns = 0
  const release = (): void => {
    heldTurns = 0
    for (const next of held.splice(0)) next()
  }
  const endTurn = (): void => {
    const isOver = accepted === 0
    accepted = 0
    turns = isOver ? 0 : turns + 1
    if (isOver || (held.length > 0 && ++heldTurns >= MAX_TURNS)) release()
    if (!isOver) setImmediate(endTurn)
  }
  return {
    listener: (incoming, outgoing) => {
      if (turns < BURST_TURNS) {
        answer(incoming, outgoing)
        return
      }
      held.push(() => answer(incoming, outgoing))
    },
    follow: (server) => {
      server.on('connection', () => {
        if (accepted++ === 0 && turns === 0) setImmediate(endTurn)
      })
    },
  }
}
