// Follows folders in the thread it runs in: looks at them when something is said to have changed, every so often, and
// when it is asked.
import { realpathSync } from 'node:fs'
import { watch } from 'chokidar'
import type { DirectoryLoader, Look } from './directory-loader.ts'
import { ticks } from './ticks.ts'

export interface FollowOptions {
  readonly loader: DirectoryLoader
  /** Folders to watch. */
  readonly directories: readonly string[]
  /**
   * How often to look besides: links are swapped behind a watcher's back, and some file systems tell it nothing.
   * `0`: neither, but when asked.
   */
  readonly pollMs: number
  /** Told of each look, once the folders stood still. */
  readonly looked: (look: SettledLook, checkedAt: number) => Promise<void>
  readonly trouble: (message: string, error: unknown) => void
}

export type SettledLook = Exclude<Look, { outcome: 'moving' | 'unreadable' }>

export interface DirectoryFollower {
  /** Looks now; ends once `looked` was told. */
  readonly look: (force: boolean) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Files come in flocks: so long nothing must have happened before they are read… */
const QUIET_MS = 100
/** …but a flock that does not end is not waited for longer than this. */
const MAX_WAIT_MS = 1000
/** Between two looks at folders that move, or cannot be read. */
const RETRY_MS = 50
/** How often folders are looked at before it counts as a failure that they move, or cannot be read. */
const MOVING_TRIES = 20
const UNREADABLE_TRIES = 3

/** Begins at once, with a look. */
export function followDirectories(options: FollowOptions): DirectoryFollower {
  const { pollMs } = options
  const state = { isStopped: false }
  let running: Promise<void> = Promise.resolve()
  const look = (force: boolean): Promise<void> => {
    running = running.then(() => (state.isStopped ? undefined : lookUntilStill(options, force, state)))
    return running
  }
  const unfollow = pollMs === 0 ? async () => {} : keepLooking(options, () => void look(false))
  return {
    look,
    stop: async () => {
      state.isStopped = true
      await unfollow()
      await running
    },
  }
}

/** Gives what ends it. */
function keepLooking({ directories, pollMs, trouble }: FollowOptions, look: () => void): () => Promise<void> {
  const soon = createDebounce(look)
  // A folder that is itself a link: what it leads to now. Where it leads later, a look finds out.
  const places = new Set(directories.flatMap((path) => [path, resolveLink(path)]))
  const watcher = watch([...places], {
    ignoreInitial: true,
    ignorePermissionErrors: true,
    // What links lead to within the folders is watched in its own place; what they lead to elsewhere must not be.
    followSymlinks: false,
  })
  watcher.on('all', soon.call)
  // What changed before it watched.
  watcher.on('ready', soon.call)
  watcher.on('error', (error) =>
    trouble('folders cannot be watched, and are looked at only every so often', error),
  )
  const poll = setInterval(look, pollMs)
  return async () => {
    clearInterval(poll)
    soon.cancel()
    await watcher.close()
  }
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

async function lookUntilStill(
  { loader, looked }: FollowOptions,
  force: boolean,
  state: { readonly isStopped: boolean },
): Promise<void> {
  for (let tries = 1; !state.isStopped; tries++) {
    // Before the look: what it finds was so then, or came later.
    const checkedAt = ticks()
    const settled = settle(await loader.look(force), tries)
    if (settled !== undefined) {
      await looked(settled, checkedAt)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

/** Undefined: another look may find what there is. */
function settle(look: Look, tries: number): SettledLook | undefined {
  if (look.outcome === 'unreadable') {
    return tries < UNREADABLE_TRIES ? undefined : { outcome: 'failed', failure: look.failure }
  }
  if (look.outcome !== 'moving') return look
  if (tries < MOVING_TRIES) return undefined
  const summary = 'the files do not stand still long enough to be read'
  return { outcome: 'failed', failure: { what: 'policy', summary } }
}

/** Calls once it has been quiet for a while. */
function createDebounce(act: () => void): { readonly call: () => void; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined
  let first = 0
  const cancel = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  return {
    cancel,
    call: () => {
      const now = ticks()
      if (timer === undefined) first = now
      clearTimeout(timer)
      timer = setTimeout(
        () => {
          timer = undefined
          act()
        },
        Math.max(0, Math.min(QUIET_MS, first + MAX_WAIT_MS - now)),
      )
    },
  }
}
