// Files of entity data → rows, or a store that fits a Program.
import type { SourceFile } from '@edict/policy-lang'
import {
  type DataProblem,
  type EntityData,
  type EntityStore,
  loadEntityData,
  type NamedEntityData,
  type Program,
} from '@edict/policy-lang/program'
import { findFiles } from '../files/find-files.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { parseJson } from '../wire/parse-json.ts'

const MAX_DEPTH = 64

export interface LoadedEntities {
  /** Left out where there are problems. */
  readonly store?: EntityStore
  /** The rows of the store, each once. */
  readonly content?: Required<EntityData>
  readonly problems: readonly DataProblem[]
  readonly warnings: readonly DataProblem[]
  readonly fileCount: number
  readonly entityCount: number
  readonly assignmentCount: number
}

export interface EntityFiles {
  readonly files: readonly NamedEntityData[]
  /** Files that are no JSON. */
  readonly faults: readonly DataProblem[]
}

/**
 * The texts of all `*.json` files of a folder, and of the folders below it.
 * Throws `PdpServerError` `unreadable-files` where the folder or a file cannot be read.
 *
 * @param namePrefix put before file names
 */
export function readEntityTexts(directory: string, namePrefix = ''): readonly SourceFile[] {
  return findFiles(directory, '.json').map(({ path, name }) => {
    const shownAs = `${namePrefix}${name}`
    return { name: shownAs, text: readTextFile(path, shownAs) }
  })
}

/** The same, parsed. */
export function readEntityFiles(directory: string, namePrefix = ''): EntityFiles {
  return parseEntityTexts(readEntityTexts(directory, namePrefix))
}

export type ParseEntityText = (file: SourceFile) => NamedEntityData | DataProblem

/** One file, or why it is no JSON. */
export const parseEntityText: ParseEntityText = ({ name, text }) => {
  const parsed = parseJson(text, MAX_DEPTH)
  if ('value' in parsed) return { name, data: parsed.value }
  return { file: name, path: parsed.fault.path, message: parsed.fault.detail }
}

function parseEntityTexts(
  texts: readonly SourceFile[],
  parse: ParseEntityText = parseEntityText,
): EntityFiles {
  const files: NamedEntityData[] = []
  const faults: DataProblem[] = []
  for (const text of texts) {
    const parsed = parse(text)
    if ('message' in parsed) faults.push(parsed)
    else files.push(parsed)
  }
  return { files, faults }
}

/** All texts as one set of entity data. */
export function loadEntityTexts(
  program: Program,
  texts: readonly SourceFile[],
  parse?: ParseEntityText,
): LoadedEntities {
  const { files, faults } = parseEntityTexts(texts, parse)
  const { store, content, ...loaded } = loadEntityData(program, files)
  const problems = [...faults, ...loaded.problems]
  return {
    ...loaded,
    ...(store !== undefined && content !== undefined && problems.length === 0 && { store, content }),
    problems,
    fileCount: texts.length,
  }
}

/**
 * Loads all `*.json` files of a folder, and of the folders below it, as one set of entity data.
 * Throws `PdpServerError` `unreadable-files` where the folder or a file cannot be read.
 *
 * @param namePrefix put before file names in problems
 */
export function loadEntityDirectory(program: Program, directory: string, namePrefix = ''): LoadedEntities {
  return loadEntityTexts(program, readEntityTexts(directory, namePrefix))
}
