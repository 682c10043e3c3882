// A file that only grows, up to a size: then it becomes FILE.1, that FILE.2, and the oldest goes.
//
// Under full load the end of each step on the disk is seen only once all requests that came meanwhile have had their
// turn, however fast the disk is; with two thousand connections that is once in a megabyte of lines. So a delivery is
// one write, and what is to be done for a new file besides waits until lines go on.
import type { FileHandle } from 'node:fs/promises'
import { access, open, rename, rm } from 'node:fs/promises'
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
const MOST_AT_ONCE = 16 * 1024 * 1024
const NEWLINE = Buffer.from('\n')

export function createFileChannel(options: FileChannelOptions): Channel {
  const file = new RotatingFile(options)
  return {
    name: 'file',
    prepare: () => file.prepare(),
    deliver: (chunks) => file.append(chunks),
    // Chunks of one delivery go into one file.
    maxDeliveryBytes: Math.min(options.maxBytes, MOST_AT_ONCE),
    maxPauseMs: 2000,
    close: () => file.close(),
  }
}

class RotatingFile {
  readonly #options: FileChannelOptions
  #handle: FileHandle | undefined
  #size: number | undefined
  #sizeReadAt = 0
  #isClosed = false
  /** Ends with the last append. */
  #appended: Promise<void> = Promise.resolve()
  /** Gives old files their numbers; undefined where that has to be looked after. */
  #tidying: Promise<void> | undefined

  constructor(options: FileChannelOptions) {
    this.#options = options
  }

  async prepare(): Promise<void> {
    try {
      await this.#tidyUp()
      this.#handle ??= await this.#open()
    } catch (cause) {
      throw unwritable(this.#options.path, cause)
    }
  }

  /** One after the other: while the process stops, the next may come before the last has given up. */
  append(chunks: readonly Chunk[]): Promise<void> {
    const appended = this.#appended.then(() => this.#append(chunks))
    this.#appended = appended.catch(() => undefined)
    return appended
  }

  async #append(chunks: readonly Chunk[]): Promise<void> {
    const length = chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.#handle ??= await this.#open()
    if (this.#isClosed) {
      // Nobody else would close it.
      await this.#letGo()
      throw new Error('the log file is closed')
    }
    let size = await this.#readSize(this.#handle)
    if (size > 0 && size + length > this.#options.maxBytes) {
      await this.#rotate()
      this.#handle = await this.#openNew()
      size = await this.#readSize(this.#handle)
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

  close(): Promise<void> {
    this.#isClosed = true
    return this.#finish()
  }

  async #finish(): Promise<void> {
    await this.#handle?.sync().catch(() => undefined)
    await this.#tidying?.catch(() => undefined)
    await this.#letGo()
  }

  async #letGo(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    this.#size = undefined
    await handle?.close()
  }

  /** Where there is none under that name: it is known to be empty. */
  async #openNew(): Promise<FileHandle> {
    const { path, isDurable } = this.#options
    const handle = await open(path, 'ax+', 0o640).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return undefined
    })
    if (handle === undefined) return this.#open()
    this.#size = 0
    this.#sizeReadAt = performance.now()
    if (isDurable) await syncDirectory(dirname(path))
    return handle
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
      await writeAll(
        handle,
        chunks.map(({ bytes }) => bytes),
      )
      if (this.#options.isDurable) await handle.datasync()
    } catch (error) {
      // The same lines come again: what is there of them would be torn, or there twice.
      await cutOff(handle, size).catch(() => undefined)
      await this.#finish().catch(() => undefined)
      throw error
    }
  }

  async #rotate(): Promise<void> {
    const { path, keep } = this.#options
    await this.#tidyUp()
    // Not flushed here: where records must be safe, each delivery was, and elsewhere a slow disk would hold up the next.
    // Nor waited for: all that it held is written.
    this.#letGo().catch(() => undefined)
    if (keep === 0) return rm(path, { force: true })
    await moveIfThere(path, `${path}.0`)
    this.#tidying = undefined
    // Where that fails, so does the next change of files, and says so.
    this.#tidyUp().catch(() => undefined)
  }

  #tidyUp(): Promise<void> {
    this.#tidying ??= this.#moveOldFiles().catch((error) => {
      this.#tidying = undefined
      throw error
    })
    return this.#tidying
  }

  /** The file that was full last is FILE.0, but not for long, unless the process died then. */
  async #moveOldFiles(): Promise<void> {
    const { path, keep } = this.#options
    if (!(await isThere(`${path}.0`))) return
    for (let number = keep - 1; number >= 0; number--) {
      await moveIfThere(`${path}.${number}`, `${path}.${number + 1}`)
    }
  }
}

/** In one step, unless the system takes less. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  let rest = buffers
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest)
    if (bytesWritten === 0) throw new Error('the file takes nothing')
    rest = skipBytes(rest, bytesWritten)
  }
}

function skipBytes(buffers: readonly Buffer[], count: number): readonly Buffer[] {
  let [left, at] = [count, 0]
  for (; at < buffers.length; at++) {
    const length = buffers[at]?.length ?? 0
    if (left < length) break
    left -= length
  }
  return buffers.slice(at).map((buffer, index) => (index === 0 ? buffer.subarray(left) : buffer))
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

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
