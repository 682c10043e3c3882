// Folders → what they hold, again and again: files that stayed the same are neither read nor parsed again, and what
// moves while it is read does not count. Knows of no thread, timer or watcher.
import { createHash } from 'node:crypto'
import type { SourceFile } from '@edict/policy-lang'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import type { LoadedState, StateTexts } from '../load-state.ts'
import { describeUnreadable } from './describe-unreadable.ts'
import { type FileStamp, type PolicyFolders, type Snapshot, takeSnapshot } from './directory-snapshot.ts'
import type { LoadAgain } from './load-again.ts'
import type { SourceFailure } from './policy-source.ts'

export type Look =
  /** The folders hold something else than what was loaded last. */
  | { readonly outcome: 'loaded'; readonly loaded: LoadedState; readonly texts: StateTexts }
  /** They hold what was loaded last. */
  | { readonly outcome: 'same' }
  | { readonly outcome: 'failed'; readonly failure: SourceFailure }
  /** A folder or file cannot be read, perhaps only because it was being replaced. */
  | { readonly outcome: 'unreadable'; readonly failure: SourceFailure }
  /** They changed while they were read: look again. */
  | { readonly outcome: 'moving' }

export interface DirectoryLoader {
  /**
   * To be asked one after the other.
   * @param force whether files that look the same are read nevertheless
   */
  readonly look: (force?: boolean) => Promise<Look>
}

/** What was loaded elsewhere before. */
export interface InitialState {
  /** Of the folders before they were read. */
  readonly snapshot: Snapshot
  /** `hashTexts` of what was read. */
  readonly hash: string
}

export interface DirectoryLoaderOptions {
  /** Default: nothing was loaded. */
  readonly initial?: InitialState | undefined
  /** Default: `readTextFile`. */
  readonly readText?: (path: string, shownAs: string) => string
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

export function hashTexts(texts: StateTexts): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex')
}

export function createDirectoryLoader(
  folders: PolicyFolders,
  { initial, readText = readTextFile, now = Date.now }: DirectoryLoaderOptions = {},
): DirectoryLoader {
  const files = createFileReader(readText)
  /** What was found last, whatever came of it. */
  let last: { readonly snapshot: Snapshot; readonly look: Look } | undefined =
    initial?.snapshot.isSettled === true
      ? { snapshot: initial.snapshot, look: { outcome: 'same' } }
      : undefined
  /** What was loaded last, successfully. */
  let held: StateTexts | undefined
  let loadAgain: LoadAgain | undefined
  const load = async (texts: StateTexts): Promise<Look> => {
    const isHeld = held === undefined ? initial?.hash === hashTexts(texts) : isSameState(held, texts)
    if (isHeld) {
      held = texts
      return { outcome: 'same' }
    }
    loadAgain ??= (await import('./load-again.ts')).createLoadAgain()
    const { loaded, failure } = loadAgain(texts)
    if (failure !== undefined) return { outcome: 'failed', failure }
    held = texts
    return { outcome: 'loaded', loaded, texts }
  }
  const look = async (force: boolean): Promise<Look> => {
    const snapshot = takeSnapshot(folders, now)
    if (!force && last !== undefined && last.snapshot.isSettled && last.snapshot.key === snapshot.key) {
      return last.look.outcome === 'loaded' ? { outcome: 'same' } : last.look
    }
    const texts = { policies: files.read(snapshot.policies, force), ...readData(snapshot, files, force) }
    // Only what stood still meanwhile is one state of the folders.
    if (takeSnapshot(folders, now).key !== snapshot.key) return { outcome: 'moving' }
    files.keepOnly(snapshot)
    const found = await load(texts)
    last = { snapshot, look: found }
    return found
  }
  return {
    look: async (force = false) => {
      try {
        return await look(force)
      } catch (error) {
        const message = findReason(error)
        if (message === undefined) throw error
        last = undefined
        return { outcome: 'unreadable', failure: describeUnreadable(message) }
      }
    },
  }
}

function findReason(error: unknown): string | undefined {
  if (error instanceof PdpServerError) return error.message
  const { code, syscall } = error as NodeJS.ErrnoException
  return syscall === undefined ? undefined : `the folders cannot be read (${code})`
}

interface FileReader {
  readonly read: (files: readonly FileStamp[], force: boolean) => readonly SourceFile[]
  /** Forgets all other files. */
  readonly keepOnly: (snapshot: Snapshot) => void
}

/** Keeps the texts of files by their path. */
function createFileReader(readText: (path: string, shownAs: string) => string): FileReader {
  const known = new Map<string, { readonly stamp: string; readonly text: string }>()
  const readOne = ({ path, name, stamp, isSettled }: FileStamp, force: boolean): string => {
    const before = known.get(path)
    if (before?.stamp === stamp && !force) return before.text
    const text = readText(path, name)
    if (isSettled) known.set(path, { stamp, text })
    else known.delete(path)
    return text
  }
  return {
    read: (files, force) => files.map((file) => ({ name: file.name, text: readOne(file, force) })),
    keepOnly: ({ policies, data = [] }) => {
      const paths = new Set([...policies, ...data].map(({ path }) => path))
      for (const path of known.keys()) if (!paths.has(path)) known.delete(path)
    },
  }
}

function readData({ data }: Snapshot, files: FileReader, force: boolean): Pick<StateTexts, 'data'> {
  return data === undefined ? {} : { data: files.read(data, force) }
}

function isSameState(a: StateTexts, b: StateTexts): boolean {
  return isSameList(a.policies, b.policies) && isSameList(a.data ?? [], b.data ?? [])
}

function isSameList(a: readonly SourceFile[], b: readonly SourceFile[]): boolean {
  return (
    a.length === b.length && a.every(({ name, text }, at) => name === b[at]?.name && text === b[at]?.text)
  )
}
