import type { SourceFile } from '@edict/policy-lang'
import { PdpServerError } from '../errors.ts'
import { type FoundFile, findFiles } from '../files/find-files.ts'
import { readTextFile } from '../files/read-text-file.ts'

const ENDING = '.edict'
const TEST_ENDING = '.test.edict'

export interface ReadPolicyOptions {
  /** Whether `*.test.edict` files are read too; nothing that is served needs them. Default false. */
  readonly includeTests?: boolean
  /** Put before each name, so that it leads to the file from where the reader is. Default: none. */
  readonly namePrefix?: string
}

/**
 * The policy files of a folder and the folders below it, sorted by name.
 * Throws `PdpServerError` `unreadable-files` where there is none, or where a folder cannot be read.
 */
export function findPolicyFiles(directory: string, includeTests = false): readonly FoundFile[] {
  const files = findFiles(directory, ENDING, includeTests ? undefined : TEST_ENDING)
  if (files.length > 0) return files
  throw new PdpServerError('unreadable-files', `there are no *${ENDING} files in ${directory}`)
}

/**
 * The policy texts of a folder and the folders below it, sorted by name.
 * Throws `PdpServerError` `unreadable-files` where there is none, or where one cannot be read.
 */
export function readPolicyDirectory(
  directory: string,
  options: ReadPolicyOptions = {},
): readonly SourceFile[] {
  const { includeTests = false, namePrefix = '' } = options
  return findPolicyFiles(directory, includeTests).map(({ path, name }) => {
    const shownAs = `${namePrefix}${name}`
    return { name: shownAs, text: readTextFile(path, shownAs) }
  })
}
