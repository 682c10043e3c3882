// Folders at the start of the service: what they hold, or what they held when it last loaded.
import { join } from 'node:path'
import { type LoadedState, loadStateTexts, readStateTexts } from '../load-state.ts'
import { hashTexts, type InitialState } from './directory-loader.ts'
import { type PolicyFolders, takeSnapshot } from './directory-snapshot.ts'
import { findLastGood, keepLastGood } from './last-good.ts'
import type { SourceState } from './policy-source.ts'
import { ticks } from './ticks.ts'

/** What was loaded, or was not, before the folders are followed. */
export interface OpenedDirectory {
  readonly loaded: LoadedState
  /** `ticks` of when that was known to be what the folders hold. */
  readonly checkedAt: number
  /** Which texts of the folders were loaded; undefined where it is not what they hold. */
  readonly texts?: InitialState | undefined
  /** See `SourceState`. */
  readonly keep?: SourceState['keep']
}

/** Throws `PdpServerError` `unreadable-files` where a folder or file cannot be read. */
export function openDirectory(folders: PolicyFolders, stateDir: string | undefined): OpenedDirectory {
  const { policies, data, policyPrefix, dataPrefix } = folders
  const checkedAt = ticks()
  const snapshot = takeSnapshot(folders)
  const texts = readStateTexts({
    policies,
    data,
    ...(policyPrefix !== undefined && { namePrefix: policyPrefix }),
    ...(dataPrefix !== undefined && { dataNamePrefix: dataPrefix }),
  })
  const loaded = loadStateTexts(texts)
  const found = { loaded, checkedAt, texts: { snapshot, hash: hashTexts(texts) } }
  if (loaded.state === undefined || stateDir === undefined) return found
  return { ...found, keep: () => keepLastGood(stateDir, policies, texts) }
}

export interface OpenedLastGood extends OpenedDirectory {
  /** RFC 3339. */
  readonly keptAt: string
  /** What is to be followed from now on. */
  readonly folders: PolicyFolders
}

/**
 * What loaded last; undefined where nothing was kept, or it loads no longer.
 * Throws `PdpServerError` `unreadable-files` where it is not what was kept.
 */
export function openLastGood(folders: PolicyFolders, stateDir: string): OpenedLastGood | undefined {
  const kept = findLastGood(stateDir, folders.policies)
  if (kept === undefined) return undefined
  const loaded = loadStateTexts(kept.texts)
  if (loaded.state === undefined) return undefined
  const age = Math.max(0, Date.now() - Date.parse(kept.keptAt))
  // Where the folder of policies is away, so is one of data within it, which nobody may have named.
  const data = folders.data ?? (kept.texts.data && join(folders.policies, 'data'))
  return { loaded, checkedAt: ticks() - age, keptAt: kept.keptAt, folders: { ...folders, data } }
}
