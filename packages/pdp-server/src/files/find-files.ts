// Which files of a folder count. A file that is left out could hold a deny, so whatever cannot be read is an error.
import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { PdpServerError } from '../errors.ts'

export interface FoundFile {
  readonly path: string
  /** Relative to the folder, with `/` on every system. */
  readonly name: string
}

const MAX_FILES = 10_000
const MAX_DEPTH = 32

/**
 * All files of a folder and the folders below it whose name ends so, sorted by name. Names that start with a dot are
 * left out. Links are followed within the folder, each target once, and refused where they lead out of it.
 * Throws `PdpServerError` `unreadable-files`.
 *
 * @param except names with this ending do not count, and so hide no file that they link to
 */
export function findFiles(directory: string, ending: string, except?: string): readonly FoundFile[] {
  const root = resolveDirectory(directory)
  const counts = (name: string): boolean => {
    if (!name.toLowerCase().endsWith(ending) || (except !== undefined && name.endsWith(except))) return false
    if (name.endsWith(ending)) return true
    throw unreadable(`${name} in ${directory} would be left out: names end in ${ending}, in lower case`)
  }
  const found: FoundFile[] = []
  const seen = new Set<string>([root])
  const folders: { path: string; name: string; depth: number }[] = [{ path: root, name: '', depth: 0 }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readFolder(folder.path)) {
      const name = folder.name === '' ? entry.name : `${folder.name}/${entry.name}`
      const target = resolveEntry(join(folder.path, entry.name), entry, name, counts(name), root)
      if (target === undefined || seen.has(target.path)) continue
      seen.add(target.path)
      if (target.isFolder) folders.push({ path: target.path, name, depth: folder.depth + 1 })
      else found.push({ path: target.path, name })
      if (found.length > MAX_FILES)
        throw unreadable(`${directory} holds more than ${MAX_FILES} ${ending} files`)
      if (folder.depth >= MAX_DEPTH)
        throw unreadable(`${directory} is nested deeper than ${MAX_DEPTH} folders`)
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function resolveDirectory(directory: string): string {
  if (!isDirectory(directory)) {
    throw unreadable(existsSync(directory) ? `${directory} is no folder` : `there is no folder ${directory}`)
  }
  return realpathSync(directory)
}

function readFolder(path: string): readonly Dirent[] {
  try {
    // What several names lead to counts once: under its own name before that of a link, and the same on every system.
    return readdirSync(path, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : Number(a.name > b.name)))
  } catch (cause) {
    throw unreadable(`the folder ${path} cannot be read`, cause)
  }
}

function rankOf(entry: Dirent): number {
  return Number(entry.isSymbolicLink())
}

/** What an entry stands for; undefined where it does not count. */
function resolveEntry(
  path: string,
  entry: Dirent,
  name: string,
  isNamedSo: boolean,
  root: string,
): { readonly path: string; readonly isFolder: boolean } | undefined {
  if (entry.isDirectory()) return { path, isFolder: true }
  if (entry.isFile()) return isNamedSo ? { path, isFolder: false } : undefined
  if (!entry.isSymbolicLink()) return undefined
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) {
    if (isNamedSo) throw unreadable(`the link ${name} leads nowhere`)
    return undefined
  }
  const isFolder = stats.isDirectory()
  if (!isFolder && !isNamedSo) return undefined
  const target = realpathSync(path)
  if (target !== root && !target.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw unreadable(`the link ${name} leads out of ${root}: put what it names into the folder itself`)
  }
  return { path: target, isFolder }
}

function unreadable(message: string, cause?: unknown): PdpServerError {
  return new PdpServerError('unreadable-files', message, { cause })
}
