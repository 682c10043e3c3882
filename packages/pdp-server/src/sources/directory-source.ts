// Folders as a source of policies. A thread of its own follows them; here what it sends is put together.
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { EntityStore } from '@edict/policy-lang/program'
import type { Log } from '../telemetry/log.ts'
import type { InitialState } from './directory-loader.ts'
import type { FollowerMessage, FollowerSetup, HeardReply, LookRequest } from './directory-messages.ts'
import type { PolicyFolders } from './directory-snapshot.ts'
import { keepNextGood, keepNextGoodSoon } from './last-good.ts'
import { unpackState } from './pack-state.ts'
import type { PolicySource, SourceListener, SourceState } from './policy-source.ts'

export interface DirectorySourceOptions {
  readonly folders: PolicyFolders
  /** How often the folders are looked at, besides being watched; `0`: neither, they are looked at when asked. */
  readonly pollMs: number
  /**
   * What was loaded already, and which texts of the folders that was, if it is of them: read once they are followed.
   * Default: nothing.
   */
  readonly initial?: { readonly state: SourceState; readonly texts?: InitialState | undefined } | undefined
  /** Folder that keeps what was loaded last. Default: nothing is kept. */
  readonly stateDir?: string | undefined
  readonly log: Log
  /** What runs in the thread. Default: `directory-worker.ts`. */
  readonly worker?: URL
}

/** The source, or the built file. */
const WORKER = new URL(`./directory-worker${import.meta.url.slice(-3)}`, import.meta.url)
const MIN_RESTART_MS = 1000
const MAX_RESTART_MS = 60_000
const STOP_MS = 1000

export function createDirectorySource(options: DirectorySourceOptions): PolicySource {
  const { folders, pollMs, initial } = options
  let entities = initial?.state.entities
  let thread: FollowerThread | undefined
  let restart: NodeJS.Timeout | undefined
  let failures = 0
  let isStopped = false
  let begin = async (): Promise<void> => {}
  const run = (listener: SourceListener, texts: InitialState | undefined): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { stateDir, log, worker = WORKER } = options
    const setup = {
      folders,
      pollMs,
      stateDir,
      log,
      file: worker,
      initial: texts,
      initialData: entities?.version,
    }
    thread = startThread(setup, {
      ...listener,
      started: resolve,
      entities: () => entities,
      loaded: (state, checkedAt) => {
        failures = 0
        entities = state.entities
        return listener.loaded(state, checkedAt)
      },
      ended: (error) => {
        resolve()
        if (isStopped) return
        thread = undefined
        const summary = 'the thread that follows the folders ended, and is started anew'
        listener.failed({ what: 'policy', summary, cause: error })
        begin = () => {
          clearTimeout(restart)
          return run(listener, undefined)
        }
        const delayMs = Math.max(pollMs, MIN_RESTART_MS) * 2 ** failures
        restart = setTimeout(() => void begin(), Math.min(delayMs, MAX_RESTART_MS))
        failures += 1
      },
    })
    return promise
  }
  return {
    name: folders.policies,
    start: async (listener) => {
      begin = () => run(listener, initial?.texts)
      if (pollMs > 0 || initial === undefined) await begin()
    },
    reload: async () => {
      if (isStopped) return
      if (thread === undefined) await begin()
      await thread?.look()
    },
    stop: async () => {
      isStopped = true
      clearTimeout(restart)
      await thread?.stop()
    },
  }
}

interface FollowerThread {
  /** Ends once the thread has looked, or is no more. */
  readonly look: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface ThreadListener extends SourceListener {
  readonly started: () => void
  readonly ended: (error: unknown) => void
  /** The entity data that the thread knows to be here. */
  readonly entities: () => EntityStore | undefined
}

function startThread(
  { log, file, ...setup }: FollowerSetup & { readonly log: Log; readonly file: URL },
  listener: ThreadListener,
): FollowerThread {
  const worker = new Worker(file, { workerData: setup satisfies FollowerSetup })
  const waiting = new Map<number, () => void>()
  let isStopped = false
  let error: unknown
  const answer = (): void => worker.postMessage({ kind: 'heard' } satisfies HeardReply)
  const { stateDir } = setup
  const handle = async (message: FollowerMessage): Promise<void> => {
    if (isStopped) return
    switch (message.kind) {
      case 'loaded': {
        const unpacked = await unpackState(message.state, listener.entities())
        const isKept = message.isWritten && stateDir !== undefined
        const state = { ...unpacked, ...(isKept && createKeep(stateDir)) }
        await listener.prepare?.(state)
        if (isStopped) return
        listener.loaded(state, message.checkedAt)
        return answer()
      }
      case 'confirmed':
        listener.confirmed(message.checkedAt)
        return answer()
      case 'failed':
        return listener.failed(message.failure)
      case 'started':
        return listener.started()
      case 'looked':
        return waiting.get(message.id)?.()
      case 'trouble':
        log.warn({ err: message.error, folder: setup.folders.policies }, message.message)
    }
  }
  // One after the other: to put a state together takes a while.
  let queue: Promise<void> = Promise.resolve()
  worker.on('message', (message: FollowerMessage) => {
    queue = queue
      .then(() => handle(message))
      .catch((cause: unknown) => {
        // Both threads no longer know the same. Another one begins anew.
        error ??= cause
        void worker.terminate()
      })
  })
  worker.on('error', (cause) => {
    error = cause
  })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  void ended.then(() => {
    for (const resolve of waiting.values()) resolve()
    if (!isStopped) listener.ended(error)
  })
  let nextId = 0
  return {
    look: () => {
      const id = nextId++
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.set(id, resolve)
      worker.postMessage({ kind: 'look', id } satisfies LookRequest)
      return Promise.race([promise, ended]).finally(() => waiting.delete(id))
    },
    stop: async () => {
      isStopped = true
      // A thread that hangs in a file system cannot be ended; nobody is to wait for it.
      const tooLong = new AbortController()
      const { signal } = tooLong
      await Promise.race([worker.terminate(), pause(STOP_MS, undefined, { signal }).catch(() => {})])
      tooLong.abort()
    },
  }
}

function createKeep(stateDir: string): Required<Pick<SourceState, 'keep' | 'keepSoon'>> {
  let isTried = false
  return {
    keepSoon: () => {
      isTried = true
      return keepNextGoodSoon(stateDir)
    },
    keep: () => {
      if (!isTried) keepNextGood(stateDir)
    },
  }
}
