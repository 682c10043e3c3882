// The texts that loaded last, kept on disk for a start where those of the source do not load. Texts and no Program:
// they are checked again like any others, whatever version of the service finds them.
import { createHash } from 'node:crypto'
import { readFileSync, renameSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PdpServerError } from '../errors.ts'
import { syncDirectory, syncDirectoryNow } from '../files/sync-directory.ts'
import { writeFileAtomically } from '../files/write-file-atomically.ts'
import type { StateTexts } from '../load-state.ts'

export interface LastGood {
  readonly texts: StateTexts
  /** When it was kept, RFC 3339. */
  readonly keptAt: string
}

const NAME = 'last-good'
/** What loads, before it is known to be put in place. */
const NEXT_NAME = 'last-good.next'
const FORMAT = 'edict-last-good/1'

const headSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Of what they were the last good ones. */
  source: z.string(),
  keptAt: z.iso.datetime(),
  /** Of the second line. */
  sha256: z.string(),
})

const file = z.strictObject({ name: z.string(), text: z.string() })
const bodySchema = z.strictObject({ policies: z.array(file), data: z.array(file).optional() })

/** Whole or not at all, and on the disk once it returns. Throws `PdpServerError` `unwritable-file`. */
export function keepLastGood(stateDir: string, source: string, texts: StateTexts, now?: Date): void {
  write(join(stateDir, NAME), source, texts, now)
}

/** The same for what may yet be refused: it counts from `keepNextGood` on. */
export function writeNextGood(stateDir: string, source: string, texts: StateTexts, now?: Date): void {
  write(join(stateDir, NEXT_NAME), source, texts, now)
}

/** Takes an instant on a disk that does not hang, however long the texts are. Throws `PdpServerError` `unwritable-file`. */
export function keepNextGood(stateDir: string): void {
  const path = join(stateDir, NAME)
  try {
    renameSync(join(stateDir, NEXT_NAME), path)
    syncDirectoryNow(stateDir)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** The same without making anybody else wait: for as long as the disk takes. */
export async function keepNextGoodSoon(stateDir: string): Promise<void> {
  const path = join(stateDir, NAME)
  try {
    await rename(join(stateDir, NEXT_NAME), path)
    await syncDirectory(stateDir)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

function unwritable(path: string, cause: unknown): PdpServerError {
  const { code } = cause as NodeJS.ErrnoException
  return new PdpServerError('unwritable-file', `${path} cannot be replaced (${code})`, { cause })
}

function write(path: string, source: string, texts: StateTexts, now = new Date()): void {
  const body = JSON.stringify(texts)
  const head = JSON.stringify({ format: FORMAT, source, keptAt: now.toISOString(), sha256: hash(body) })
  writeFileAtomically(path, `${head}\n${body}\n`)
}

/**
 * What was kept of a source; undefined where nothing was. Throws `PdpServerError` `unreadable-files` where it is not
 * what was written.
 */
export function findLastGood(stateDir: string, source: string): LastGood | undefined {
  const path = join(stateDir, NAME)
  const text = readIfThere(path)
  if (text === undefined) return undefined
  const [first = '', body = ''] = text.split('\n')
  const head = headSchema.safeParse(parse(first))
  if (!head.success || hash(body) !== head.data.sha256) throw broken(path)
  if (head.data.source !== source) return undefined
  const texts = bodySchema.safeParse(parse(body))
  if (!texts.success) throw broken(path)
  const { policies, data } = texts.data
  return { texts: { policies, ...(data !== undefined && { data }) }, keptAt: head.data.keptAt }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new PdpServerError('unreadable-files', `${path} cannot be read (${code})`, { cause })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function broken(path: string): PdpServerError {
  return new PdpServerError('unreadable-files', `${path} is not what was written there: delete it`)
}
