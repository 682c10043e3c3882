// A file of values, one a line: adding is one write, and who follows it reads what is new. Now and then it is written
// anew without what is no longer needed.
//
// INVARIANT: no value that `append` returned from is lost, whoever else appends, follows or compacts, and wherever any
// of them is killed. Compacting first moves the file aside, under a name that nobody else uses; then it puts what is
// kept into the file of that name, and only once that is on disk removes what it moved. Whoever appends makes sure
// afterwards that it wrote into the file itself, and not into one that was moved meanwhile. Values may be there twice.
//
// A disk that hangs must not stop who answers: it is written while all else goes on, one step after the other.
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { PdpServerError } from '../../errors.ts'
import { syncDirectory } from '../../files/sync-directory.ts'
import type { Log } from '../../telemetry/log.ts'
import { createAsideName, listAside } from './aside-files.ts'
import { type FollowHealth, followLines, followLink } from './line-follower.ts'
import { createLineParser } from './value-lines.ts'

const COMPACT_FROM_BYTES = 4 * 1024 * 1024
/** Most bytes of one write. */
const BLOCK_LENGTH = 1024 * 1024
/** Each time the file was moved meanwhile; nobody moves it more than once in a while. */
const MAX_TRIES = 100

export interface RevocationLogOptions<T> {
  readonly path: string
  readonly schema: z.ZodType<T>
  readonly log: Log
  /** What of the values is still needed, each once. */
  readonly keep: (values: readonly T[]) => readonly T[]
  /** The file is looked through once it is as large, and then when it has doubled. Default 4 MiB. */
  readonly compactFromBytes?: number | undefined
  /** Milliseconds that only grow. Default: those of the process. */
  readonly ticks?: (() => number) | undefined
}

export interface RevocationLog<T> {
  /** What was added since it was asked last, by whomever; looks at the file no more often than every 50 ms. */
  readonly readNew: () => readonly T[]
  /** How the last look went. */
  readonly health: () => RevocationLogHealth
  /** Rejects with `PdpServerError` `unwritable-file`; the values are safe on disk once it ends. */
  readonly append: (values: readonly T[]) => Promise<void>
}

export interface RevocationLogHealth extends FollowHealth {
  /** Lines that are no values, and are left out. */
  readonly strangeCount: number
}

/** Throws `PdpServerError` `unreadable-files` where the file cannot be read. */
export function openRevocationLog<T>(options: RevocationLogOptions<T>): RevocationLog<T> {
  const { log, keep, compactFromBytes = COMPACT_FROM_BYTES, ticks } = options
  const path = followLink(options.path)
  const { parse, strangeCount } = createLineParser({ ...options, path })
  const lines = followLines({ path, log, ticks })
  let first: readonly T[] | undefined = lines.read(parse).values
  let compactAt = compactFromBytes

  const compact = async (): Promise<void> => {
    try {
      for (const aside of [...listAside(path), await moveAside(path)]) {
        if (aside === undefined) continue
        const { values, strange } = parse(await readIfThere(aside))
        await appendLines(path, [...keep(values), ...strange])
        await rm(aside, { force: true })
      }
      await syncDirectory(dirname(path))
    } catch (error) {
      // All of it is still there, under one name or the other.
      log.error({ err: error, path }, 'the file of revocations cannot be compacted')
    }
    compactAt = Math.max(compactFromBytes, 2 * (await sizeOf(path)))
  }
  let queue: Promise<void> = Promise.resolve()
  const inTurn = (step: () => Promise<void>): Promise<void> => {
    const done = queue.then(step)
    queue = done.catch(() => {})
    return done
  }
  let isCompacting = false
  const compactInTurn = (): void => {
    if (isCompacting) return
    isCompacting = true
    void inTurn(compact).finally(() => {
      isCompacting = false
    })
  }

  if (listAside(path).length > 0 || keep(first).length < first.length) compactInTurn()
  return {
    readNew: () => {
      if (first !== undefined) {
        const values = first
        first = undefined
        return values
      }
      return lines.look(parse)?.values ?? []
    },
    health: () => ({ ...lines.health(), strangeCount: strangeCount() }),
    append: (values) =>
      inTurn(async () => {
        if (values.length === 0) return
        await appendLines(path, values)
        if ((await sizeOf(path)) >= compactAt) compactInTurn()
      }),
  }
}

/** Whole lines to a write, so that two writers do not mix; a line break first, in case the one before broke off. */
async function appendLines(path: string, values: readonly unknown[]): Promise<void> {
  if (values.length === 0) return
  try {
    for (let tries = 0; !(await appendOnce(path, values)); tries++) {
      if (tries >= MAX_TRIES) throw Object.assign(new Error('moved'), { code: 'EBUSY' })
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PdpServerError('unwritable-file', `${path} cannot be written (${code})`, { cause })
  }
}

/** Whether the file that it wrote into is still the one of that name. */
async function appendOnce(path: string, values: readonly unknown[]): Promise<boolean> {
  const file = await open(path, 'a', 0o600)
  try {
    const held = await file.stat()
    for (const block of toBlocks(values)) {
      const bytes = Buffer.from(`\n${block}`)
      const { bytesWritten } = await file.write(bytes)
      if (bytesWritten < bytes.length) throw Object.assign(new Error('cut'), { code: 'ENOSPC' })
    }
    await file.sync()
    if (held.size === 0) await syncDirectory(dirname(path))
    const named = await stat(path).catch(orUndefined)
    return named !== undefined && named.ino === held.ino && named.dev === held.dev
  } finally {
    await file.close()
  }
}

function* toBlocks(values: readonly unknown[]): Generator<string> {
  let block = ''
  for (const value of values) {
    block += `${JSON.stringify(value)}\n`
    if (block.length < BLOCK_LENGTH) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}

/** The name that the file has now; undefined where there is none. */
async function moveAside(path: string): Promise<string | undefined> {
  const aside = createAsideName(path)
  return rename(path, aside).then(() => aside, orUndefined)
}

async function readIfThere(path: string): Promise<Buffer> {
  return (await readFile(path).catch(orUndefined)) ?? Buffer.alloc(0)
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Where a file is not there. */
function orUndefined(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
