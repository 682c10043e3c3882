// The numbers of policies and data on disk. Which numbers are given, it does not know.
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { replaceFile, writeFileAtomically } from '../files/write-file-atomically.ts'
import { parseJson } from '../wire/parse-json.ts'

/** What is counted. */
export type Counted = 'policy' | 'data'

export interface NumberEntry {
  readonly number: number
  readonly version: string
  readonly source: string
  readonly upTo: number
}

export type NumberEntries = ReadonlyMap<Counted, NumberEntry>

export interface NumberFileOptions {
  readonly path: string
  readonly source: string
  /** What is to be on disk, whenever it is written. */
  readonly entries: () => NumberEntries
  /** Told where it cannot be written, or that takes too long. */
  readonly onFailure: (error: unknown) => void
}

const entrySchema = z.strictObject({
  number: z.int().min(0),
  version: z.string(),
  /** Who gave it. Default: that of the file. */
  source: z.string().optional(),
  /** The greatest that may have been in use. Default: `number`. */
  upTo: z.int().min(0).optional(),
})
const fileSchema = z.strictObject({
  format: z.literal('edict-numbers/1'),
  source: z.string(),
  policy: entrySchema.optional(),
  data: entrySchema.optional(),
})

/** From then on a disk that hangs is one that fails: nobody waits for it. */
const PATIENCE_MS = 5000

export class NumberFile {
  readonly #options: NumberFileOptions
  /** Whether something is to be written besides what is being written. */
  #isDirty = false
  #writing: Promise<void> | undefined
  /** Whether what is being written takes too long. */
  #hangs = false

  constructor(options: NumberFileOptions) {
    this.#options = options
  }

  /** On disk once it returns, or `onFailure` was told. */
  saveNow(): void {
    const { path, onFailure } = this.#options
    // What is being written is older, and may end up above it.
    if (this.#writing !== undefined) this.#isDirty = true
    try {
      if (this.#hangs) throw this.#late()
      writeFileAtomically(path, this.#text())
    } catch (error) {
      onFailure(error)
    }
  }

  /** On disk once it ends, or `onFailure` was told. Holds nobody up, and never rejects. */
  async save(): Promise<void> {
    this.#isDirty = true
    this.#writing ??= this.#write()
    const timer = new AbortController()
    const { signal } = timer
    const late = pause(PATIENCE_MS, true, { signal, ref: false }).catch(() => false)
    const isLate = await Promise.race([this.#writing.then(() => false), late])
    timer.abort()
    if (!isLate || this.#hangs) return
    this.#hangs = true
    this.#options.onFailure(this.#late())
  }

  async #write(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false
      try {
        await replaceFile(this.#options.path, this.#text())
      } catch (error) {
        this.#options.onFailure(error)
      }
    }
    this.#hangs = false
    this.#writing = undefined
  }

  #late(): PdpServerError {
    return new PdpServerError('unwritable-file', `${this.#options.path} cannot be written: the disk hangs`)
  }

  #text(): string {
    const { source, entries } = this.#options
    return `${JSON.stringify({ format: 'edict-numbers/1', source, ...Object.fromEntries(entries()) })}\n`
  }
}

/** None where there is no file. Throws `PdpServerError` `unreadable-files` where it is there and cannot be read. */
export function readNumbers(path: string): NumberEntries {
  let text: string
  try {
    text = readTextFile(path)
  } catch (error) {
    if ((error as { readonly cause?: NodeJS.ErrnoException }).cause?.code === 'ENOENT') return new Map()
    throw error
  }
  const parsed = parseJson(text, 4)
  const read = fileSchema.safeParse('value' in parsed ? parsed.value : undefined)
  if (!read.success) {
    throw new PdpServerError(
      'unreadable-files',
      `${path} does not hold the numbers of policies and data: restore it, or delete it to start anew`,
    )
  }
  const entries = (['policy', 'data'] as const).flatMap((what) => {
    const entry = read.data[what]
    if (entry === undefined) return []
    const { number, version, source = read.data.source, upTo = number } = entry
    return [[what, { number, version, source, upTo }] as const]
  })
  return new Map(entries)
}
