// Which policy sets a command is about, from the paths it was given.
import { statSync } from 'node:fs'
import { basename, dirname, relative, resolve } from 'node:path'
import type { SourceFile } from '@edict/policy-lang'
import { loadConfig } from '../config.ts'
import { PdpServerError } from '../errors.ts'
import { findFiles } from '../files/find-files.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { readPolicyDirectory } from '../policies/read-policy-directory.ts'
import type { CliIo } from './io.ts'

/** A policy set on disk. */
export interface PolicySetPath {
  /** As people know it. */
  readonly shownAs: string
  readonly sources: readonly SourceFile[]
  /** Left out where the set is a list of files. */
  readonly directory?: string
}

/**
 * Each folder is a policy set of its own; files are one set together. Without paths: the configured folder.
 * Names of sources lead to the file from where the command runs.
 */
export function readPolicySets(paths: readonly string[], io: CliIo): readonly PolicySetPath[] {
  const { folders, files } = splitPaths(paths, io)
  const sets = folders.map((directory): PolicySetPath => {
    const shownAs = show(directory, io)
    const namePrefix = toPrefix(shownAs)
    return { shownAs, directory, sources: readPolicyDirectory(directory, { includeTests: true, namePrefix }) }
  })
  if (files.length === 0) return sets
  const sources = files.map((path) => ({ name: show(path, io), text: readTextFile(path, show(path, io)) }))
  return [...sets, { shownAs: sources.map(({ name }) => name).join(', '), sources }]
}

/** All policy files of the paths, once each. */
export function findPolicyFiles(
  paths: readonly string[],
  io: CliIo,
): readonly { path: string; name: string }[] {
  const { folders, files } = splitPaths(paths, io)
  const found = new Map<string, string>()
  for (const directory of folders) {
    const prefix = toPrefix(show(directory, io))
    for (const { path, name } of findFiles(directory, '.edict')) found.set(path, `${prefix}${name}`)
  }
  for (const path of files) found.set(path, show(path, io))
  return [...found].map(([path, name]) => ({ path, name }))
}

/** A folder of entity data with the prefix that makes its file names lead there. */
export function dataPrefix(directory: string, io: CliIo): string {
  return toPrefix(show(directory, io))
}

/** A path as the person would write it from where the command runs. */
export function show(path: string, { cwd }: CliIo): string {
  const short = relative(cwd, path)
  return short === '' ? '.' : short.startsWith('..') ? path : short
}

function toPrefix(shownAs: string): string {
  return shownAs === '.' ? '' : `${shownAs}/`
}

function splitPaths(
  paths: readonly string[],
  io: CliIo,
): { folders: readonly string[]; files: readonly string[] } {
  const all =
    paths.length > 0
      ? paths.map((path) => resolve(io.cwd, path))
      : [loadConfig({ flags: {}, env: io.env, cwd: io.cwd }).policies]
  const folders: string[] = []
  const files: string[] = []
  for (const path of new Set(all)) {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) throw missing(show(path, io))
    if (stats.isDirectory()) folders.push(path)
    else files.push(path)
  }
  return { folders, files }
}

function missing(path: string): PdpServerError {
  return new PdpServerError(
    'unreadable-files',
    `there is no ${basename(path) === path ? path : `${path} (in ${dirname(path)})`}`,
  )
}
