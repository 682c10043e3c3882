// What is handed from one thread to another in pieces, so that nobody who reads it is held up for long.
import { setImmediate } from 'node:timers/promises'

/** Pieces one after the other, handed over without being copied, each short enough to be read in an instant. */
export interface Pieces {
  readonly bytes: ArrayBuffer
  /** Where each piece ends. */
  readonly ends: readonly number[]
}

/** How long pieces are read without a pause. */
const TURN_MS = 2

export function joinPieces(pieces: readonly Uint8Array[]): Pieces {
  const ends: number[] = []
  for (const { length } of pieces) ends.push((ends.at(-1) ?? 0) + length)
  const bytes = new Uint8Array(ends.at(-1) ?? 0)
  pieces.forEach((piece, at) => {
    bytes.set(piece, (ends[at] ?? 0) - piece.length)
  })
  return { bytes: bytes.buffer, ends }
}

/** In order, with pauses in which others have their turn. */
export async function readPieces({ bytes, ends }: Pieces, read: (piece: Uint8Array) => void): Promise<void> {
  let start = 0
  let since = performance.now()
  for (const end of ends) {
    read(new Uint8Array(bytes, start, end - start))
    start = end
    if (performance.now() - since < TURN_MS) continue
    await setImmediate()
    since = performance.now()
  }
}
