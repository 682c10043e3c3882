// Where commits go: the file in this thread, or in one of its own, so that decisions go on while a disk takes its time.
import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { PdpServerError } from '../errors.ts'
import { toWriteError, toWriteFault, type WriteFault } from './store-error.ts'
import { type Commit, type KeptReply, type OpenOptions, openStoreFile, type StoreRow } from './store-file.ts'

/** How a store is opened, so that its numbers grow whatever became of its file meanwhile. */
export interface OpenStoreOptions extends OpenOptions {
  /** Epoch milliseconds. */
  readonly now: number
  /** A number that was in use before, be it of other data: it goes on above. Default 0. */
  readonly floor?: number
}

/**
 * Opens a store in a thread of its own and makes its number grow: from the clock, so that a copy of before that was put
 * in its place has a number that nobody was told for newer data. Throws `PdpServerError` where it cannot be written.
 */
export async function openStore(
  path: string,
  { now, floor = 0, ...options }: OpenStoreOptions,
  open: (path: string, options: OpenOptions) => StoreBackend | Promise<StoreBackend> = openStoreThread,
): Promise<StoreBackend> {
  const backend = await open(path, options)
  let contents: StoreContents | undefined = backend.takeContents()
  const number = Math.max(contents.number + 1, floor + 1, Math.trunc(now))
  // No two histories share a version.
  const version = contents.version || randomBytes(32).toString('hex')
  try {
    await backend.commit({ number, version, rows: [], replies: [], now })
  } catch (error) {
    await backend.close()
    throw error
  }
  const takeContents = (): StoreContents => {
    if (contents === undefined) throw new Error('the contents of the store were taken before')
    const taken = { ...contents, number, version }
    contents = undefined
    return taken
  }
  return { ...backend, takeContents }
}

/** All that a file holds, but for replies. */
export interface StoreContents {
  readonly number: number
  readonly version: string
  readonly entities: readonly StoreRow[]
  readonly assignments: readonly StoreRow[]
}

export interface StoreBackend {
  /** What it held when it was opened. Taken once, then forgotten. */
  readonly takeContents: () => StoreContents
  readonly replies: (keys: readonly string[]) => Promise<readonly KeptReply[]>
  /** Rejects with `PdpServerError`: see `WriteFault`. */
  readonly commit: (commit: Commit) => Promise<void>
  readonly close: () => Promise<void>
}

/** What the thread is told. */
export type BackendRequest =
  | { readonly id: number; readonly kind: 'commit'; readonly commit: Commit }
  | { readonly id: number; readonly kind: 'replies'; readonly keys: readonly string[] }
  | { readonly id: number; readonly kind: 'close' }

/** What it answers. */
export type BackendReply =
  | { readonly kind: 'opened'; readonly contents: StoreContents }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly replies: readonly KeptReply[] }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: WriteFault; readonly message: string }

export interface BackendData {
  readonly path: string
  readonly options: OpenOptions
}

/** Both as sources and built. */
const WORKER = new URL(`./store-worker${import.meta.url.slice(-3)}`, import.meta.url)

/** Opens the file in a thread of its own. Throws as `openStoreFile`. */
export function openStoreThread(path: string, options: OpenOptions = {}): Promise<StoreBackend> {
  const data: BackendData = { path, options }
  const worker = new Worker(WORKER, { workerData: data })
  return connectBackend(path, {
    post: (request) => worker.postMessage(request),
    listen: (hear, end) => {
      worker.on('message', hear)
      worker.on('error', end)
      worker.on('exit', () => end())
    },
    hold: (isAwaited) => (isAwaited ? worker.ref() : worker.unref()),
    end: async () => {
      await worker.terminate()
    },
  })
}

/** The way to whoever owns the file, elsewhere. */
export interface BackendChannel {
  readonly post: (request: BackendRequest) => void
  /** `end` is called once nothing more comes. */
  readonly listen: (hear: (reply: BackendReply) => void, end: (cause?: unknown) => void) => void
  /** Whether an answer is awaited: else this keeps no process from ending. */
  readonly hold?: (isAwaited: boolean) => void
  readonly end: () => Promise<void>
}

/** Ends once the file is open there. Throws as `openStoreFile`. */
export async function connectBackend(path: string, channel: BackendChannel): Promise<StoreBackend> {
  const waiting = new Map<number, PromiseWithResolvers<readonly KeptReply[]>>()
  const opened = Promise.withResolvers<StoreContents>()
  let nextId = 0
  let isOver = false
  const end = (cause?: unknown): void => {
    isOver = true
    for (const { reject } of waiting.values()) reject(toWriteError('unknown', cause))
    waiting.clear()
    opened.reject(cause ?? new PdpServerError('unreadable-files', `${path}: cannot be opened`))
  }
  channel.listen((reply) => {
    if (reply.kind === 'opened') opened.resolve(reply.contents)
    else if (reply.kind === 'refused') opened.reject(new PdpServerError('unreadable-files', reply.message))
    else {
      const asked = waiting.get(reply.id)
      waiting.delete(reply.id)
      channel.hold?.(waiting.size > 0)
      if (reply.kind === 'done') asked?.resolve(reply.replies)
      else asked?.reject(toWriteError(reply.fault, new Error(reply.message)))
    }
  }, end)
  const ask = (request: DistributiveOmit<BackendRequest, 'id'>): Promise<readonly KeptReply[]> => {
    if (isOver) return Promise.reject(toWriteError('unknown'))
    const id = nextId++
    const asked = Promise.withResolvers<readonly KeptReply[]>()
    waiting.set(id, asked)
    channel.hold?.(true)
    channel.post({ ...request, id })
    return asked.promise
  }
  let contents: StoreContents | undefined
  try {
    contents = await opened.promise
    channel.hold?.(false)
  } catch (error) {
    await channel.end()
    throw error
  }
  return {
    takeContents: () => {
      if (contents === undefined) throw new Error('the contents of the store were taken before')
      const taken = contents
      contents = undefined
      return taken
    },
    replies: (keys) => ask({ kind: 'replies', keys }),
    commit: async (commit) => {
      await ask({ kind: 'commit', commit })
    },
    close: async () => {
      if (!isOver) await ask({ kind: 'close' }).catch(() => undefined)
      await channel.end()
    },
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Opens the file in this thread, which waits for the disk. Throws as `openStoreFile`. */
export function openStoreHere(path: string, options: OpenOptions = {}): StoreBackend {
  const file = openStoreFile(path, options)
  return {
    takeContents: () => ({ ...file.state(), entities: file.entities(), assignments: file.assignments() }),
    replies: async (keys) => keys.flatMap((key) => file.reply(key) ?? []),
    commit: async (commit) => {
      try {
        file.commit(commit)
      } catch (error) {
        throw toWriteError(toWriteFault(error), error)
      }
    },
    close: async () => file.close(),
  }
}
