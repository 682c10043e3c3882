import {
  type DataProblem,
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
 * All `*.json` files of a folder, and of the folders below it.
 * Throws `PdpServerError` `unreadable-files` where the folder or a file cannot be read.
 *
 * @param namePrefix put before file names
 */
export function readEntityFiles(directory: string, namePrefix = ''): EntityFiles {
  const files: NamedEntityData[] = []
  const faults: DataProblem[] = []
  for (const { path, name } of findFiles(directory, '.json')) {
    const file = `${namePrefix}${name}`
    const parsed = parseJson(readTextFile(path, file), MAX_DEPTH)
    if ('fault' in parsed) faults.push({ file, path: parsed.fault.path, message: parsed.fault.detail })
    else files.push({ name: file, data: parsed.value })
  }
  return { files, faults }
}

/**
 * Loads all `*.json` files of a folder, and of the folders below it, as one set of entity data.
 * Throws `PdpServerError` `unreadable-files` where the folder or a file cannot be read.
 *
 * @param namePrefix put before file names in problems
 */
export function loadEntityDirectory(program: Program, directory: string, namePrefix = ''): LoadedEntities {
  const { files, faults } = readEntityFiles(directory, namePrefix)
  const { store, ...loaded } = loadEntityData(program, files)
  const problems = [...faults, ...loaded.problems]
  return {
    ...loaded,
    ...(store !== undefined && problems.length === 0 && { store }),
    problems,
    fileCount: files.length + faults.length,
  }
}
