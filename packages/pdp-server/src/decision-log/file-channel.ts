// A file that only grows, up to a size: then it becomes FILE.1, that FILE.2, and the oldest goes.
import type { FileHandle } from 'node:fs/promises'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '../files/sync-directory.ts'
import type { Channel, Chunk } from './channel.ts'
import { unwritable } from './unwritable.ts'

export interface FileChannelOptions {
  readonly path: string
  /** The file is changed for a new one before it would be larger. */
  readonly maxBytes: number
  /** How many old files are kept besides. */
  readonly keep: number
  /** Whether a delivery ends only once the disk has it, and outlives a loss of power. */
  readonly isDurable: boolean
}

const SIZE_COUNTS_MS = 1000
const NEWLINE = Buffer.from('\n')

export function createFileChannel(options: FileChannelOptions): Channel {
  const file = new RotatingFile(options)
  return {
    name: 'file',
    prepare: () => file.prepare(),
    deliver: (chunks) => file.append(chunks),
    // Chunks of one delivery go into one file.
    maxDeliveryBytes: Math.min(options.maxBytes, 4 * 1024 * 1024),
    maxPauseMs: 2000,
    close: () => file.close(),
  }
}

class RotatingFile {
  readonly #options: FileChannelOptions
  #handle: FileHandle | undefined
  #size: number | undefined
  #sizeReadAt = 0

  constructor(options: FileChannelOptions) {
    this.#options = options
  }

  async prepare(): Promise<void> {
    try {
      this.#handle ??= await this.#open()
    } catch (cause) {
      throw unwritable(this.#options.path, cause)
    }
  }

  async append(chunks: readonly Chunk[]): Promise<void> {
    const length = chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.#handle ??= await this.#open()
    let size = await this.#readSize(this.#handle)
    if (size > 0 && size + length > this.#options.maxBytes) {
      await this.#rotate()
      this.#handle = await this.#open()
      size = 0
    }
    await this.#write(this.#handle, chunks, size)
    this.#size = size + length
  }

  /** Others may cut the file off; asking each time would cost as much as the writing. */
  async #readSize(handle: FileHandle): Promise<number> {
    const now = performance.now()
    if (this.#size === undefined || now - this.#sizeReadAt > SIZE_COUNTS_MS) {
      this.#size = (await handle.stat()).size
      this.#sizeReadAt = now
    }
    return this.#size
  }

  async close(): Promise<void> {
    await this.#handle?.sync().catch(() => undefined)
    await this.#drop()
  }

  /** Lets go of the file. */
  async #drop(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    this.#size = undefined
    await handle?.close()
  }

  /** Another process may have died within a line: the next one begins on a line of its own. */
  async #open(): Promise<FileHandle> {
    const handle = await open(this.#options.path, 'a+', 0o640)
    try {
      const { size } = await handle.stat()
      if (size > 0) await endLine(handle, size)
      else if (this.#options.isDurable) await syncDirectory(dirname(this.#options.path))
      return handle
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async #write(handle: FileHandle, chunks: readonly Chunk[], size: number): Promise<void> {
    try {
      await handle.appendFile(Buffer.concat(chunks.map(({ bytes }) => bytes)))
      if (this.#options.isDurable) await handle.datasync()
    } catch (error) {
      // The same lines come again: what is there of them would be torn, or there twice.
      await cutOff(handle, size).catch(() => undefined)
      await this.close().catch(() => undefined)
      throw error
    }
  }

  async #rotate(): Promise<void> {
    const { path, keep } = this.#options
    // Not flushed here: where records must be safe, each delivery was, and elsewhere a slow disk would hold up the next.
    await this.#drop()
    if (keep === 0) return rm(path, { force: true })
    for (let number = keep - 1; number >= 1; number--)
      await moveIfThere(`${path}.${number}`, `${path}.${number + 1}`)
    await moveIfThere(path, `${path}.1`)
  }
}

/** To at most this size: what is shorter by now stays as it is. */
async function cutOff(handle: FileHandle, size: number): Promise<void> {
  if ((await handle.stat()).size > size) await handle.truncate(size)
}

async function endLine(handle: FileHandle, size: number): Promise<void> {
  const last = Buffer.alloc(1)
  await handle.read(last, 0, 1, size - 1)
  if (!last.equals(NEWLINE)) await handle.appendFile(NEWLINE)
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
