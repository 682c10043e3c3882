// The keys whose signatures count, as their files are now: who takes one out, or puts another in, need not restart.
import { statSync } from 'node:fs'
import { readTextFile } from '../files/read-text-file.ts'
import type { Log } from '../telemetry/log.ts'
import type { ReadinessProbe } from '../telemetry/readiness.ts'
import {
  type BundleKey,
  type BundleKeys,
  holdsNoKey,
  parseBundleKeys,
  readBundleKeyFile,
} from './bundle-key.ts'

export interface FollowedKeys {
  /** Looks whether the files changed. The same map for as long as its keys are the same files' content. */
  readonly current: () => BundleKeys
  readonly probe: ReadinessProbe
}

interface KeyFile {
  readonly path: string
  stamp: string
  keys: readonly BundleKey[]
  /** Why it is not what is there now. */
  problem?: string | undefined
}

/** Reads all files at once, and throws as `readBundleKeyFile` does. */
export function followBundleKeys(paths: readonly string[], log: Pick<Log, 'info' | 'error'>): FollowedKeys {
  const files = paths.map((path): KeyFile => {
    // The stamp first: a file that is replaced meanwhile is read once more.
    const stamp = stampOf(path)
    return { path, stamp, keys: readBundleKeyFile(path) }
  })
  const collect = (): BundleKeys => new Map(files.flatMap(({ keys }) => keys))
  let keys = collect()
  const look = (file: KeyFile): boolean => {
    const stamp = stampOf(file.path)
    if (stamp === file.stamp && file.problem === undefined) return false
    const before = file.keys
    let isEmptied = stamp === GONE
    try {
      const text = readTextFile(file.path)
      isEmptied ||= holdsNoKey(text)
      file.keys = parseBundleKeys(text, file.path)
      file.problem = undefined
      log.info({ path: file.path, keys: file.keys.map(([id]) => id) }, 'a file of bundle keys was read anew')
    } catch (error) {
      // Who removes or empties a file takes its keys back. One that does not parse may be half written.
      if (isEmptied) file.keys = []
      const problem = error instanceof Error ? error.message : String(error)
      if (problem !== file.problem) {
        log.error({ err: error, path: file.path }, `a file of bundle keys cannot be read: ${outcomeOf(file)}`)
      }
      file.problem = problem
    }
    file.stamp = stamp
    return file.keys !== before
  }
  return {
    current: () => {
      const isNew = files.map(look).includes(true)
      if (isNew) keys = collect()
      return keys
    },
    probe: () => {
      const failing = files.find(({ problem }) => problem !== undefined)
      const name = 'bundleKeys'
      if (failing === undefined) return { name, status: 'ok', detail: 'the keys of bundles can be read' }
      const detail = `a file of \`bundleKeys\` cannot be read: ${outcomeOf(failing)}`
      return { name, status: 'degraded', detail }
    },
  }
}

const GONE = 'ENOENT'

function outcomeOf({ keys }: KeyFile): string {
  return keys.length === 0 ? 'its keys count no longer' : 'the keys that it held last count'
}

function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
