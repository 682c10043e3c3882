// Folders → what they hold, again and again: files that stayed the same are neither read nor parsed again, and what
// moves while it is read does not count. Knows of no thread, timer or watcher.
import { createHash } from 'node:crypto'
import { createPolicyLoader, type SourceFile } from '@edict/policy-lang'
import { type ParseEntityText, parseEntityText } from '../entities/load-entity-directory.ts'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { type LoadedState, loadStateTexts, type StateTexts } from '../load-state.ts'
import { describeFailure } from './describe-failure.ts'
import { type FileStamp, type PolicyFolders, type Snapshot, takeSnapshot } from './directory-snapshot.ts'
import type { SourceFailure } from './policy-source.ts'

export type Look =
  /** The folders hold something else than what was loaded last. */
  | { readonly outcome: 'loaded'; readonly loaded: LoadedState; readonly texts: StateTexts }
  /** They hold what was loaded last. */
  | { readonly outcome: 'same' }
  | { readonly outcome: 'failed'; readonly failure: SourceFailure }
  /** They changed while they were read: look again. */
  | { readonly outcome: 'moving' }

export interface DirectoryLoader {
  /** @param force whether files that look the same are read nevertheless */
  readonly look: (force?: boolean) => Look
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
}

export function hashTexts(texts: StateTexts): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex')
}

export function createDirectoryLoader(
  folders: PolicyFolders,
  { initial }: DirectoryLoaderOptions = {},
): DirectoryLoader {
  const data = createDataParser()
  const readers = { loader: createPolicyLoader(), parseData: data.parse }
  const files = createFileReader()
  /** What was found last, whatever came of it. */
  let last: { readonly snapshot: Snapshot; readonly look: Look } | undefined =
    initial?.snapshot.isSettled === true
      ? { snapshot: initial.snapshot, look: { outcome: 'same' } }
      : undefined
  /** What was loaded last, successfully. */
  let held: StateTexts | undefined
  const load = (texts: StateTexts): Look => {
    const isHeld = held === undefined ? initial?.hash === hashTexts(texts) : isSameState(held, texts)
    if (isHeld) {
      held = texts
      return { outcome: 'same' }
    }
    const loaded = loadStateTexts(texts, readers)
    data.keepOnly(texts.data ?? [])
    const failure = describeFailure(loaded)
    if (failure !== undefined) return { outcome: 'failed', failure }
    held = texts
    return { outcome: 'loaded', loaded, texts }
  }
  const look = (force: boolean): Look => {
    const snapshot = takeSnapshot(folders)
    if (!force && last !== undefined && last.snapshot.isSettled && last.snapshot.key === snapshot.key) {
      return last.look.outcome === 'loaded' ? { outcome: 'same' } : last.look
    }
    const texts = { policies: files.read(snapshot.policies, force), ...readData(snapshot, files, force) }
    // Only what stood still meanwhile is one state of the folders.
    if (takeSnapshot(folders).key !== snapshot.key) return { outcome: 'moving' }
    files.keepOnly(snapshot)
    const found = load(texts)
    last = { snapshot, look: found }
    return found
  }
  return {
    look: (force = false) => {
      try {
        return look(force)
      } catch (error) {
        if (!(error instanceof PdpServerError)) throw error
        last = undefined
        return { outcome: 'failed', failure: { what: 'policy', summary: error.message } }
      }
    },
  }
}

interface FileReader {
  readonly read: (files: readonly FileStamp[], force: boolean) => readonly SourceFile[]
  /** Forgets all other files. */
  readonly keepOnly: (snapshot: Snapshot) => void
}

/** Keeps the texts of files by their path. */
function createFileReader(): FileReader {
  const known = new Map<string, { readonly stamp: string; readonly text: string }>()
  const readOne = ({ path, name, stamp, isSettled }: FileStamp, force: boolean): string => {
    const before = known.get(path)
    if (before?.stamp === stamp && !force) return before.text
    const text = readTextFile(path, name)
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

interface DataParser {
  readonly parse: ParseEntityText
  /** Forgets all other files. */
  readonly keepOnly: (files: readonly SourceFile[]) => void
}

/** Keeps what files of entity data say, by their name and text. */
function createDataParser(): DataParser {
  const known = new Map<string, { readonly text: string; readonly parsed: ReturnType<ParseEntityText> }>()
  return {
    parse: (file) => {
      const before = known.get(file.name)
      if (before?.text === file.text) return before.parsed
      const parsed = parseEntityText(file)
      known.set(file.name, { text: file.text, parsed })
      return parsed
    },
    keepOnly: (files) => {
      const names = new Set(files.map(({ name }) => name))
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
    },
  }
}

function isSameState(a: StateTexts, b: StateTexts): boolean {
  return isSameList(a.policies, b.policies) && isSameList(a.data ?? [], b.data ?? [])
}

function isSameList(a: readonly SourceFile[], b: readonly SourceFile[]): boolean {
  return (
    a.length === b.length && a.every(({ name, text }, at) => name === b[at]?.name && text === b[at]?.text)
  )
}
