// Folders → what decisions rest on, or all that keeps it from loading.
import {
  type DataProblem,
  type Diagnostic,
  loadPolicySet,
  ruleCount,
  type SourceFile,
} from '@edict/policy-lang'
import type { PdpState } from './decide/pdp.ts'
import { type LoadedEntities, loadEntityDirectory } from './entities/load-entity-directory.ts'
import { type ReadPolicyOptions, readPolicyDirectory } from './policies/read-policy-directory.ts'

export interface LoadStateOptions extends ReadPolicyOptions {
  /** Folder of `*.edict` files. */
  readonly policies: string
  /** Folder of `*.json` files with entity data. Default: none. */
  readonly data?: string | undefined
  /** Put before names of data files in problems. Default: none. */
  readonly dataNamePrefix?: string
}

export interface LoadedState {
  /** Left out where anything is wrong with policies or data. */
  readonly state?: PdpState
  readonly sources: readonly SourceFile[]
  /** Errors and warnings of the policy text. */
  readonly diagnostics: readonly Diagnostic[]
  /** Why the entity data is refused. */
  readonly dataProblems: readonly DataProblem[]
  readonly dataWarnings: readonly DataProblem[]
}

/**
 * Loads policies, and entity data that fits them, from folders.
 * Throws `PdpServerError` `unreadable-files` where a folder or file cannot be read.
 */
export function loadState(options: LoadStateOptions): LoadedState {
  const sources = readPolicyDirectory(options.policies, options)
  const { policySet, diagnostics } = loadPolicySet(sources)
  if (policySet === undefined) return { sources, diagnostics, dataProblems: [], dataWarnings: [] }
  const { program } = policySet
  const entities =
    options.data === undefined
      ? undefined
      : loadEntityDirectory(program, options.data, options.dataNamePrefix)
  const counts = {
    policyFiles: sources.length,
    rules: ruleCount(program),
    roles: program.roles.length,
    ...countEntities(entities, program.assignments.length),
  }
  const { store, problems = [], warnings = [] } = entities ?? {}
  const state = { policySet, ...(store !== undefined && { entities: store }), counts }
  return {
    ...(problems.length === 0 && { state }),
    sources,
    diagnostics,
    dataProblems: problems,
    dataWarnings: warnings,
  }
}

function countEntities(entities: LoadedEntities | undefined, inPolicy: number): Record<string, number> {
  return {
    dataFiles: entities?.fileCount ?? 0,
    entities: entities?.entityCount ?? 0,
    assignments: inPolicy + (entities?.assignmentCount ?? 0),
  }
}
