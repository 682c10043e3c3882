// A file of values, one a line: adding is one write, and who follows it reads what is new. Now and then it is written
// anew without what is no longer needed.
//
// INVARIANT: no value that `append` returned from is lost, whoever else appends, follows or compacts, and wherever any
// of them is killed. Compacting first moves the file aside, under a name that nobody else uses; then it puts what is
// kept into the file of that name, and only once that is on disk removes what it moved. Whoever appends makes sure
// afterwards that it wrote into the file itself, and not into one that was moved meanwhile. Values may be there twice.
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { PdpServerError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { parseJson } from '../../wire/parse-json.ts'
import { createAsideName, listAside, readFrom, sizeOf, syncDirectory } from './aside-files.ts'

const LINE_DEPTH = 3
const LOOK_EVERY_MS = 50
const NEWLINE = 0x0a
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
}

export interface RevocationLog<T> {
  /** What was added since it was asked last, by whomever; looks at the file no more often than every 50 ms. */
  readonly readNew: () => readonly T[]
  /** Throws `PdpServerError` `unwritable-file`; the values are safe on disk once it returns. */
  readonly append: (values: readonly T[]) => void
}

/** Throws `PdpServerError` `unreadable-files` where the file cannot be read, or holds what is no such value. */
export function openRevocationLog<T>(options: RevocationLogOptions<T>): RevocationLog<T> {
  const { log, keep, compactFromBytes = COMPACT_FROM_BYTES } = options
  const path = followLink(options.path)
  const parse = (bytes: Buffer): readonly T[] => parseLines(bytes, { ...options, path })
  const follower = createFollower(path)
  let lookedAt = Number.NEGATIVE_INFINITY
  let first: readonly T[] | undefined = parse(follower.readNew())
  let compactAt = compactFromBytes

  const compact = (): void => {
    try {
      for (const aside of [...listAside(path), moveAside(path)]) {
        if (aside === undefined) continue
        appendLines(path, keep(parse(readFrom(aside, 0))))
        rmSync(aside, { force: true })
      }
      syncDirectory(dirname(path))
    } catch (error) {
      // All of it is still there, under one name or the other.
      log.error({ err: error, path }, 'the file of revocations cannot be compacted')
    }
    compactAt = Math.max(compactFromBytes, 2 * sizeOf(path))
  }

  if (listAside(path).length > 0 || keep(first).length < first.length) compact()
  return {
    readNew: () => {
      if (first !== undefined) {
        const values = first
        first = undefined
        return values
      }
      const at = performance.now()
      if (at - lookedAt < LOOK_EVERY_MS) return []
      lookedAt = at
      try {
        return parse(follower.readNew())
      } catch (error) {
        log.error({ err: error, path }, 'the file of revocations cannot be read')
        return []
      }
    },
    append: (values) => {
      appendLines(path, values)
      if (sizeOf(path) >= compactAt) compact()
    },
  }
}

interface Follower {
  /** Whole lines that were not read yet; all of them, where the file is another one than before. */
  readonly readNew: () => Buffer
}

function createFollower(path: string): Follower {
  // Held open, so that no other file can be taken for it.
  let file: number | undefined
  let offset = 0
  const begin = (): Buffer => {
    if (file !== undefined) closeSync(file)
    file = undefined
    offset = 0
    // What was moved aside first: once it is gone, all that is kept of it is in the file.
    const aside = listAside(path).map((name) => wholeLines(readFrom(name, 0)))
    file = openIfThere(path)
    return Buffer.concat(aside)
  }
  return {
    readNew: () => {
      const isSame = file !== undefined && isFileAt(path, file) && fstatSync(file).size >= offset
      const before = isSame ? Buffer.alloc(0) : begin()
      if (file === undefined || fstatSync(file).size === offset) return before
      const lines = wholeLines(readFrom(file, offset))
      offset += lines.length
      return Buffer.concat([before, lines])
    },
  }
}

function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
}

/** Whole lines to a write, so that two writers do not mix; a line break first, in case the one before broke off. */
function appendLines(path: string, values: readonly unknown[]): void {
  if (values.length === 0) return
  try {
    for (let tries = 0; !appendOnce(path, values); tries++) {
      if (tries >= MAX_TRIES) throw Object.assign(new Error('moved'), { code: 'EBUSY' })
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PdpServerError('unwritable-file', `${path} cannot be written (${code})`, { cause })
  }
}

/** Whether the file that it wrote into is still the one of that name. */
function appendOnce(path: string, values: readonly unknown[]): boolean {
  const file = openSync(path, 'a', 0o600)
  try {
    const isNew = fstatSync(file).size === 0
    for (const block of toBlocks(values)) {
      const bytes = Buffer.from(`\n${block}`)
      if (writeSync(file, bytes) < bytes.length) throw Object.assign(new Error('cut'), { code: 'ENOSPC' })
    }
    fsyncSync(file)
    if (isNew) syncDirectory(dirname(path))
    return isFileAt(path, file)
  } finally {
    closeSync(file)
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
function moveAside(path: string): string | undefined {
  const aside = createAsideName(path)
  try {
    renameSync(path, aside)
    return aside
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parseLines<T>(bytes: Buffer, { path, schema, log }: RevocationLogOptions<T>): readonly T[] {
  return bytes
    .toString()
    .split('\n')
    .flatMap((line): readonly T[] => {
      if (line === '') return []
      const parsed = parseJson(line, LINE_DEPTH)
      if ('fault' in parsed) {
        // A write that a crash cut short. Nobody was told that it was done.
        log.warn({ path }, 'a line of the file of revocations is no JSON, and is left out')
        return []
      }
      const result = schema.safeParse(parsed.value)
      if (result.success) return [result.data]
      throw new PdpServerError('unreadable-files', `${path}: a line is no revocation: ${line.slice(0, 100)}`)
    })
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

function isFileAt(path: string, file: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false })
  const held = fstatSync(file)
  return named !== undefined && named.ino === held.ino && named.dev === held.dev
}

/** A link stays a link: the file that it leads to is the one that is moved. */
function followLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
