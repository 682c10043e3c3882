// What inputs are made from: policy sets, documents and translated cases as they stand in this repository.
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { SourceFile } from '@edict/policy-lang'

const root = join(import.meta.dirname, '../..')

export interface NamedData {
  readonly name: string
  readonly data: unknown
}

/** Files that belong together. */
export interface CorpusSet {
  readonly sources: readonly SourceFile[]
  readonly data: readonly NamedData[]
}

/** The policy sets to start from and those of the conformance suites, with their data. */
export function readPolicySets(): readonly CorpusSet[] {
  return [...folders('policies'), ...folders('test/conformance')].map((folder) => ({
    sources: filesOf(folder, '.edict').map(readSource),
    data: filesOf(join(folder, 'data'), '.json').map((path) => ({ name: path, data: readJson(path) })),
  }))
}

/** Small policies: what documents show, whether it loads or not, and the translated cases. */
export function readSmallPolicies(): readonly SourceFile[] {
  const documents = ['README.md', 'docs/language.md', 'docs/reference.md'].flatMap(readBlocks)
  const cases = folders('test/cases').flatMap((folder) => filesOf(folder, '.edict').map(readSource))
  return [...documents, ...cases].filter(({ text }) => text.length < 6_000)
}

function readBlocks(path: string): readonly SourceFile[] {
  let markdown: string
  try {
    markdown = readFileSync(join(root, path), 'utf8')
  } catch {
    return []
  }
  return [...markdown.matchAll(/^```edict.*\n([\s\S]*?)^```$/gm)].map((match, index) => ({
    name: `${path}-${index}.edict`,
    text: match[1] ?? '',
  }))
}

function readSource(path: string): SourceFile {
  return { name: path, text: readFileSync(join(root, path), 'utf8') }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

function folders(path: string): readonly string[] {
  return entries(path)
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
    .sort()
}

function filesOf(folder: string, ending: string): readonly string[] {
  return entries(folder, true)
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

function entries(path: string, recursive = false): readonly Dirent[] {
  try {
    return readdirSync(join(root, path), { withFileTypes: true, recursive })
  } catch {
    return []
  }
}
