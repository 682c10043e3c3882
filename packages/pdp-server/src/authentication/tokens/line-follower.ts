// Reads what others add to a file of lines, also where they move the file aside and begin another one.
import { closeSync, existsSync, fstatSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PdpServerError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { MAX_STALE_MS } from '../follow-file.ts'
import { listAside, readFrom } from './aside-files.ts'

const NEWLINE = 0x0a
const LOOK_EVERY_MS = 50

export interface FollowedLinesOptions {
  readonly path: string
  readonly log: Log
  /** Milliseconds that only grow. Default: those of the process. */
  readonly ticks?: (() => number) | undefined
}

export interface FollowedLines extends LineFollower {
  /** The same, no more often than every 50 ms. Undefined: it was looked at just now, or cannot be read. */
  readonly look: <T>(take: (lines: Buffer) => T) => T | undefined
  /** How the last look went. */
  readonly health: () => FollowHealth
}

export interface FollowHealth {
  /** Why the file could not be read. */
  readonly problem: string | undefined
  /** Whether that has been so for too long to do without what others may have added. */
  readonly isOutage: boolean
}

/** Follows the file of revocations; what keeps it from being read is logged once. */
export function followLines({
  path,
  log,
  ticks = () => performance.now(),
}: FollowedLinesOptions): FollowedLines {
  const { read } = createLineFollower(path)
  let lookedAt = Number.NEGATIVE_INFINITY
  let failing: { readonly since: number; readonly message: string } | undefined
  return {
    read,
    look: (take) => {
      const at = ticks()
      if (at - lookedAt < LOOK_EVERY_MS) return undefined
      lookedAt = at
      try {
        const taken = read(take)
        if (failing !== undefined) log.info({ path }, 'the file of revocations can be read again')
        failing = undefined
        return taken
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (message !== failing?.message) {
          log.error({ err: error, path }, 'the file of revocations cannot be read')
        }
        failing = { since: failing?.since ?? at, message }
        return undefined
      }
    },
    health: () => ({
      problem: failing?.message,
      isOutage: failing !== undefined && ticks() - failing.since > MAX_STALE_MS,
    }),
  }
}

interface LineFollower {
  /**
   * Whole lines that were not taken yet; all of them, where the file is another one than before.
   * @param take what to make of them. Where it throws, they are there again the next time
   */
  readonly read: <T>(take: (lines: Buffer) => T) => T
}

function createLineFollower(path: string): LineFollower {
  // Held open, so that no other file can be taken for it.
  let file: number | undefined
  let offset = 0
  let wasThere = false
  /** Whether all of the file before `offset` was taken, and all that was moved aside when it was opened. */
  let isTaken = false
  const begin = (): Buffer => {
    if (file !== undefined) closeSync(file)
    file = undefined
    offset = 0
    isTaken = false
    // What was moved aside first: once it is gone, all that is kept of it is in the file.
    const aside = listAside(path).map((name) => wholeLines(readFrom(name, 0)))
    file = openIfThere(path)
    // A file that is gone may have held nothing that is still needed; with its folder, all of it is gone.
    if (file === undefined && wasThere && !existsSync(dirname(path))) {
      throw new PdpServerError('unreadable-files', `${dirname(path)} is gone, and ${path} with it`)
    }
    wasThere ||= file !== undefined
    return Buffer.concat(aside)
  }
  return {
    read: (take) => {
      const isSame = isTaken && file !== undefined && isFileAt(path, file) && fstatSync(file).size >= offset
      const before = isSame ? Buffer.alloc(0) : begin()
      const lines = file === undefined ? Buffer.alloc(0) : wholeLines(readFrom(file, offset, path))
      const taken = take(Buffer.concat([before, lines]))
      offset += lines.length
      isTaken = true
      return taken
    },
  }
}

function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ENOENT') return undefined
    throw new PdpServerError('unreadable-files', `${path} cannot be read (${code})`, { cause })
  }
}

/** Whether an open file is still the one of that name. */
function isFileAt(path: string, file: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false })
  const held = fstatSync(file)
  return named !== undefined && named.ino === held.ino && named.dev === held.dev
}

/** A link stays a link: the file that it leads to is the one that is moved. */
export function followLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
