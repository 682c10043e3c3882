// A file that only grows, a JSON value a line: adding one is one write, and who follows it reads what is new.
import { closeSync, existsSync, fsyncSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import type { z } from 'zod'
import { PdpServerError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { parseJson } from '../../wire/parse-json.ts'

const LINE_DEPTH = 3
const LOOK_EVERY_MS = 50
const NEWLINE = 0x0a

export interface RevocationLogOptions<T> {
  readonly path: string
  readonly schema: z.ZodType<T>
  readonly log: Log
}

export interface RevocationLog<T> {
  /** What was added since it was asked last, by whomever; looks at the file no more often than every 50 ms. */
  readonly readNew: () => readonly T[]
  /** Throws `PdpServerError` `unwritable-file`; the values are safe on disk once it returns. */
  readonly append: (values: readonly T[]) => void
}

/** Throws `PdpServerError` `unreadable-files` where the file cannot be read, or holds what is no such value. */
export function openRevocationLog<T>(options: RevocationLogOptions<T>): RevocationLog<T> {
  const { path, log } = options
  let offset = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let first: readonly T[] | undefined
  const readFrom = (): readonly T[] => {
    const bytes = readTail(path, offset)
    const end = bytes.lastIndexOf(NEWLINE) + 1
    const values = parseLines(bytes.subarray(0, end).toString(), options)
    offset += end
    return values
  }
  if (existsSync(path)) first = readFrom()
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
        return sizeOf(path) > offset ? readFrom() : []
      } catch (error) {
        log.error({ err: error, path }, 'the file of revocations cannot be read')
        return []
      }
    },
    append: (values) => appendLines(path, values),
  }
}

/** One write, so that two writers do not mix; it begins with a line break, in case the one before broke off. */
function appendLines(path: string, values: readonly unknown[]): void {
  const bytes = Buffer.from(`\n${values.map((value) => JSON.stringify(value)).join('\n')}\n`)
  try {
    const file = openSync(path, 'a', 0o600)
    try {
      if (writeSync(file, bytes) < bytes.length) throw Object.assign(new Error('cut'), { code: 'ENOSPC' })
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PdpServerError('unwritable-file', `${path} cannot be written (${code})`, { cause })
  }
}

function parseLines<T>(text: string, { path, schema, log }: RevocationLogOptions<T>): readonly T[] {
  return text.split('\n').flatMap((line): readonly T[] => {
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

function readTail(path: string, offset: number): Buffer {
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(Math.max(0, sizeOf(path) - offset))
      const length = readSync(file, bytes, 0, bytes.length, offset)
      return bytes.subarray(0, length)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PdpServerError('unreadable-files', `${path} cannot be read (${code})`, { cause })
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
