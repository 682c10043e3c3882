// Gives each version of policies and data a number that only grows, also over a restart where there is a place on disk.
import { join } from 'node:path'
import { PdpServerError } from '../errors.ts'
import { type Counted, type NumberEntries, type NumberEntry, NumberFile, readNumbers } from './number-file.ts'

export interface NumberBook {
  /**
   * The number of this version: the one it has if it is the latest, else a new one, above whatever was in use. On disk
   * once it returns: that may take as long as the disk takes, unless `prepare` ended for this very version.
   * @param given the source's own number, which stands as it is, and must not be below the latest of the same source:
   * throws `PdpServerError` `older-state`
   */
  readonly numberOf: (what: Counted, version: string, given?: number) => number
  /**
   * Writes down the numbers that `numberOf` is about to give, while all else goes on. Not for what may yet be refused
   * where its number is `given`: a restart would take nothing older. Never rejects.
   */
  readonly prepare: (versions: readonly NumberedVersion[]) => Promise<void>
}

export interface NumberedVersion {
  readonly what: Counted
  readonly version: string
  readonly given?: number | undefined
}

export interface NumberBookOptions extends NumberPlace {
  /** Told where the numbers cannot be written. */
  readonly onFailure?: (error: unknown) => void
  /** Told where another source than before gives a lower number than was in use. */
  readonly onLower?: (what: Counted, given: number, before: number) => void
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

export interface NumberPlace {
  /** Folder that keeps the numbers over restarts. Default: none. */
  readonly stateDir?: string | undefined
  /** What brings policies, and data where nothing else does. */
  readonly source: string
  /** File of a store that brings the data. Default: none. */
  readonly entityStore?: string | undefined
}

const NAME = 'numbers.json'
/** A store gives a number for each write; so many are on disk ahead of them. */
const AHEAD = 10_000

/** Throws `PdpServerError` `unreadable-files` where the numbers of before are there and cannot be read. */
export function openNumberBook(options: NumberBookOptions): NumberBook {
  const { entityStore, onFailure = () => {}, onLower, now = Date.now } = options
  const path = pathOf(options)
  const entries = new Map<Counted, NumberEntry>(path === undefined ? [] : readNumbers(path))
  /** Written down, and not given yet. */
  const prepared = new Map<Counted, NumberEntry>()
  /** So far numbers of a store are written down, or are about to be. */
  let aheadTo = 0
  const listEntries = (): NumberEntries => {
    const all = new Map([...entries, ...prepared])
    const data = all.get('data')
    if (data !== undefined && aheadTo > data.upTo) all.set('data', { ...data, upTo: aheadTo })
    return all
  }
  const { source } = options
  const file =
    path === undefined ? undefined : new NumberFile({ path, source, entries: listEntries, onFailure })
  const isStored = (what: Counted): boolean => what === 'data' && entityStore !== undefined
  const create = ({ what, version, given }: NumberedVersion): NumberEntry => {
    const before = Math.max(entries.get(what)?.upTo ?? 0, prepared.get(what)?.upTo ?? 0)
    // From the clock, so that numbers grow over a restart that remembers nothing, unless the clock was set back.
    const number = given ?? Math.max(before + 1, Math.trunc(now()))
    return { number, version, source: sourceOf(what, options), upTo: number }
  }
  const goAhead = async (number: number, onDisk: number): Promise<void> => {
    if (file === undefined || aheadTo > onDisk) return
    aheadTo = number + AHEAD
    await file.save()
    const latest = entries.get('data')
    if (latest !== undefined) entries.set('data', { ...latest, upTo: Math.max(latest.upTo, aheadTo) })
  }
  const putStored = (entry: NumberEntry): void => {
    const latest = entries.get('data')
    const onDisk = latest?.source === entry.source ? latest.upTo : 0
    const { number } = entry
    entries.set('data', { ...entry, upTo: number > onDisk ? number + AHEAD : onDisk })
    if (number > onDisk) file?.saveNow()
    else if (onDisk - number < AHEAD / 2) void goAhead(number, onDisk)
  }
  return {
    numberOf: (what, version, given) => {
      const latest = entries.get(what)
      if (given !== undefined && latest !== undefined && given < latest.number) {
        if (sourceOf(what, options) === latest.source) {
          throw new PdpServerError(
            'older-state',
            `number ${given} of the source is older than ${latest.number}, which was in use`,
          )
        }
        onLower?.(what, given, latest.number)
      }
      const same = ifOf(latest, version, given)
      if (same !== undefined) return same.number
      const ready = ifOf(prepared.get(what), version, given)
      const entry = ready ?? create({ what, version, given })
      prepared.delete(what)
      if (isStored(what)) putStored(entry)
      else {
        entries.set(what, entry)
        if (ready === undefined) file?.saveNow()
      }
      return entry.number
    },
    prepare: async (versions) => {
      if (file === undefined) return
      const isNew = ({ what, version, given }: NumberedVersion): boolean => {
        const latest = entries.get(what)
        if (isStored(what) || ifOf(latest, version, given) !== undefined) return false
        // One that goes back is written down only if it is taken.
        return given === undefined || given >= (latest?.number ?? 0)
      }
      const fresh = versions.filter(isNew)
      for (const version of fresh) prepared.set(version.what, create(version))
      if (fresh.length > 0) await file.save()
    },
  }
}

/** The entry itself where it is of this version. */
function ifOf(entry: NumberEntry | undefined, version: string, given?: number): NumberEntry | undefined {
  const isSame = entry?.version === version && (given === undefined || given === entry.number)
  return isSame ? entry : undefined
}

/**
 * The greatest number of data that may have been in use before, for a store that is to go on above it: also where it is
 * the same store, whose file may be an older copy. Throws as `openNumberBook` does.
 */
export function findDataFloor(place: NumberPlace): number {
  const path = pathOf(place)
  return path === undefined ? 0 : (readNumbers(path).get('data')?.upTo ?? 0)
}

function pathOf({ stateDir }: NumberPlace): string | undefined {
  return stateDir === undefined ? undefined : join(stateDir, NAME)
}

function sourceOf(what: Counted, { source, entityStore }: NumberPlace): string {
  return what === 'data' && entityStore !== undefined ? `entity store ${entityStore}` : source
}
