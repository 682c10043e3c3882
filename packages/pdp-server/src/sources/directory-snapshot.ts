// What folders look like without reading a file: cheap enough to be looked at every few seconds.
import { type BigIntStats, statSync } from 'node:fs'
import { PdpServerError } from '../errors.ts'
import { type FoundFile, findFiles } from '../files/find-files.ts'
import { findPolicyFiles } from '../policies/read-policy-directory.ts'

/** The folders of a policy set. */
export interface PolicyFolders {
  readonly policies: string
  /** Left out: no entity data. */
  readonly data?: string | undefined
  /** Put before names of files, so that they lead there from where people are. Default: none. */
  readonly policyPrefix?: string | undefined
  readonly dataPrefix?: string | undefined
}

export interface FileStamp {
  readonly path: string
  /** With the prefix. */
  readonly name: string
  /** Changes with the content of a settled file. */
  readonly stamp: string
  /** It was left alone long enough for its times to tell it from any later content. */
  readonly isSettled: boolean
}

export interface Snapshot {
  readonly policies: readonly FileStamp[]
  readonly data: readonly FileStamp[] | undefined
  /** Snapshots of one key are of the same files with the same times. */
  readonly key: string
  /** Of settled files, the same key is the same content. */
  readonly isSettled: boolean
}

/**
 * Times of files are as coarse as the kernel's tick, or the file system's: of a file that changed within this time
 * before, a later change may leave no trace.
 */
const COARSE_NS = 2_000_000_000n

/** Throws `PdpServerError` `unreadable-files` where a folder or file cannot be looked at. */
export function takeSnapshot(folders: PolicyFolders, now: () => number = Date.now): Snapshot {
  const settledBefore = BigInt(Math.trunc(now())) * 1_000_000n - COARSE_NS
  const stampAll = (files: readonly FoundFile[], prefix = ''): readonly FileStamp[] =>
    files.map(({ path, name }) => {
      const stats = lookAt(path)
      const { mtimeNs, ctimeNs } = stats
      const isSettled = mtimeNs < settledBefore && ctimeNs < settledBefore
      return { path, name: `${prefix}${name}`, stamp: stampOf(stats), isSettled }
    })
  const policies = stampAll(findPolicyFiles(folders.policies), folders.policyPrefix)
  const data =
    folders.data === undefined ? undefined : stampAll(findFiles(folders.data, '.json'), folders.dataPrefix)
  const all = [...policies, ...(data ?? [])]
  return {
    policies,
    data,
    key: JSON.stringify(all.map(({ path, name, stamp }) => [path, name, stamp])),
    isSettled: all.every((file) => file.isSettled),
  }
}

function lookAt(path: string): BigIntStats {
  try {
    return statSync(path, { bigint: true })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new PdpServerError('unreadable-files', `${path} cannot be looked at (${code})`, { cause })
  }
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
