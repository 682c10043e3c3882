// Standard output. Written past the stream of the process, whose writes to a pipe that nobody reads stop everything.
import { write } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Channel } from './channel.ts'

const writeTo = promisify(write)
const FULL_PAUSE_MS = 5
const NEWLINE = Buffer.from('\n')

/** `fd`: a descriptor to write to. A delivery ends once the reader's pipe, or the file behind it, has the bytes. */
export function createStdoutChannel(fd = 1): Channel {
  // A delivery that failed half-way comes again whole: what there is of it ends as a line of its own.
  let isTorn = false
  return {
    name: 'stdout',
    deliver: async (chunks) => {
      const bytes = Buffer.concat([...(isTorn ? [NEWLINE] : []), ...chunks.map((chunk) => chunk.bytes)])
      for (let written = 0; written < bytes.length; ) {
        written += await writeSome(fd, bytes.subarray(written))
        isTorn = written < bytes.length
      }
    },
    maxDeliveryBytes: 1024 * 1024,
    maxPauseMs: 1000,
    close: () => Promise.resolve(),
  }
}

async function writeSome(fd: number, bytes: Buffer): Promise<number> {
  try {
    return (await writeTo(fd, bytes)).bytesWritten
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    await pause(FULL_PAUSE_MS)
    return 0
  }
}
