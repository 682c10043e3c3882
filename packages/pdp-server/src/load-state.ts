// Folders → what decisions rest on, or all that keeps it from loading.
import {
  type DataProblem,
  type Diagnostic,
  type EntityData,
  loadPolicySet,
  type PolicyLoader,
  ruleCount,
  type SourceFile,
} from '@edict/policy-lang'
import type { PdpState } from './decide/pdp.ts'
import {
  type LoadedEntities,
  loadEntityTexts,
  type ParseEntityText,
  readEntityTexts,
} from './entities/load-entity-directory.ts'
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
  /** The rows of its entity data, each once. */
  readonly content?: Required<EntityData>
  /** What it was loaded from. */
  readonly sources: readonly SourceFile[]
  /** Errors and warnings of the policy text. */
  readonly diagnostics: readonly Diagnostic[]
  /** Why the entity data is refused. */
  readonly dataProblems: readonly DataProblem[]
  readonly dataWarnings: readonly DataProblem[]
}

/** All that a state is loaded from. */
export interface StateTexts {
  readonly policies: readonly SourceFile[]
  /** Left out: there is no folder of entity data. */
  readonly data?: readonly SourceFile[]
}

/** Reads the folders. Throws `PdpServerError` `unreadable-files` where a folder or file cannot be read. */
export function readStateTexts(options: LoadStateOptions): StateTexts {
  const { policies, data, dataNamePrefix } = options
  return {
    policies: readPolicyDirectory(policies, options),
    ...(data !== undefined && { data: readEntityTexts(data, dataNamePrefix) }),
  }
}

/** How texts are read; for whoever loads them again and again. */
export interface TextReaders {
  /** Default: each file is parsed. */
  readonly loader?: PolicyLoader
  /** Default: each file is parsed. */
  readonly parseData?: ParseEntityText
}

/** Loads policies, and entity data that fits them. */
export function loadStateTexts({ policies, data }: StateTexts, readers: TextReaders = {}): LoadedState {
  const { policySet, diagnostics } = readers.loader?.load(policies) ?? loadPolicySet(policies)
  if (policySet === undefined) return { sources: policies, diagnostics, dataProblems: [], dataWarnings: [] }
  const { program } = policySet
  const entities = data && loadEntityTexts(program, data, readers.parseData)
  const counts = {
    policyFiles: policies.length,
    rules: ruleCount(program),
    roles: program.roles.length,
    ...countEntities(entities, program.assignments.length),
  }
  const { store, content, problems = [], warnings = [] } = entities ?? {}
  const state = { policySet, ...(store !== undefined && { entities: store }), counts }
  return {
    ...(problems.length === 0 && { state }),
    ...(content !== undefined && { content }),
    sources: policies,
    diagnostics,
    dataProblems: problems,
    dataWarnings: warnings,
  }
}

/**
 * Loads policies, and entity data that fits them, from folders.
 * Throws `PdpServerError` `unreadable-files` where a folder or file cannot be read.
 */
export function loadState(options: LoadStateOptions): LoadedState {
  return loadStateTexts(readStateTexts(options))
}

function countEntities(entities: LoadedEntities | undefined, inPolicy: number): Record<string, number> {
  return {
    dataFiles: entities?.fileCount ?? 0,
    entities: entities?.entityCount ?? 0,
    assignments: inPolicy + (entities?.assignmentCount ?? 0),
  }
}
