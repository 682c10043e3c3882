// Lines on disk that a receiver has not taken yet: one file a batch, in order, bounded, and kept over a restart.
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../files/sync-directory.ts'
import { DeliveryError } from './channel.ts'

export interface SpoolOptions {
  readonly directory: string
  readonly maxBytes: number
}

interface SpoolFile {
  readonly name: string
  readonly size: number
}

const BATCH_FILE = /^(\d{16})\.ndjson$/

export class Spool {
  readonly #options: SpoolOptions
  readonly #files: SpoolFile[] = []
  #bytes = 0
  #next = 1

  private constructor(options: SpoolOptions) {
    this.#options = options
  }

  /** With what an earlier run left. Throws where the folder cannot be made or read. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options)
    await mkdir(options.directory, { recursive: true, mode: 0o750 })
    for (const name of (await readdir(options.directory)).sort()) await spool.#adopt(name)
    return spool
  }

  get isEmpty(): boolean {
    return this.#files.length === 0
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Ends once the lines are on disk, and outlive a loss of power. Throws where they do not fit. */
  async append(bytes: Buffer): Promise<void> {
    const { directory, maxBytes } = this.#options
    if (this.#bytes + bytes.length > maxBytes)
      throw new DeliveryError('the spool of the decision log is full')
    const name = `${String(this.#next++).padStart(16, '0')}.ndjson`
    const temporary = join(directory, `${name}.tmp`)
    try {
      await writeDurably(temporary, bytes)
      await rename(temporary, join(directory, name))
      await syncDirectory(directory)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw error
    }
    this.#files.push({ name, size: bytes.length })
    this.#bytes += bytes.length
  }

  /** The oldest batch; undefined where there is none. Throws where it cannot be read. */
  async first(): Promise<Buffer<ArrayBuffer> | undefined> {
    const [file] = this.#files
    return file === undefined ? undefined : readFile(join(this.#options.directory, file.name))
  }

  /** Forgets the oldest batch. */
  async removeFirst(): Promise<void> {
    const file = this.#files.shift()
    if (file === undefined) return
    this.#bytes -= file.size
    await rm(join(this.#options.directory, file.name), { force: true })
  }

  async #adopt(name: string): Promise<void> {
    const path = join(this.#options.directory, name)
    // Half-written when the process died, so nobody was told that it is safe.
    if (name.endsWith('.ndjson.tmp')) return rm(path, { force: true })
    const number = BATCH_FILE.exec(name)?.[1]
    if (number === undefined) return
    const { size } = await stat(path)
    this.#files.push({ name, size })
    this.#bytes += size
    this.#next = Math.max(this.#next, Number(number) + 1)
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o640)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
