// Gives each version of policies and data a number that only grows, also over a restart where there is a place on disk.
import { join } from 'node:path'
import { z } from 'zod'
import { PdpServerError } from '../errors.ts'
import { readTextFile } from '../files/read-text-file.ts'
import { writeFileAtomically } from '../files/write-file-atomically.ts'
import { parseJson } from '../wire/parse-json.ts'

/** What is counted. */
export type Counted = 'policy' | 'data'

export interface NumberBook {
  /**
   * The number of this version: the one it has if it is the latest, else a new one, above whatever was in use.
   * @param given the source's own number, which stands as it is, and must not be below the latest of the same source:
   * throws `PdpServerError` `older-state`
   */
  readonly numberOf: (what: Counted, version: string, given?: number) => number
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

const entrySchema = z.strictObject({
  number: z.int().min(0),
  version: z.string(),
  /** Who gave it. Default: that of the file. */
  source: z.string().optional(),
  /** The greatest that may have been in use. Default: `number`. */
  upTo: z.int().min(0).optional(),
})
const fileSchema = z.strictObject({
  format: z.literal('edict-numbers/1'),
  source: z.string(),
  policy: entrySchema.optional(),
  data: entrySchema.optional(),
})

interface Entry {
  readonly number: number
  readonly version: string
  readonly source: string
  readonly upTo: number
}

/** Throws `PdpServerError` `unreadable-files` where the numbers of before are there and cannot be read. */
export function openNumberBook(options: NumberBookOptions): NumberBook {
  const { entityStore, onFailure, onLower, now = Date.now } = options
  const path = pathOf(options)
  const entries = new Map<Counted, Entry>(path === undefined ? [] : readEntries(path))
  return {
    numberOf: (what, version, given) => {
      const latest = entries.get(what)
      const source = sourceOf(what, options)
      if (given !== undefined && latest !== undefined && given < latest.number) {
        if (source === latest.source) {
          throw new PdpServerError(
            'older-state',
            `number ${given} of the source is older than ${latest.number}, which was in use`,
          )
        }
        onLower?.(what, given, latest.number)
      }
      if (latest?.version === version && (given === undefined || given === latest.number)) {
        return latest.number
      }
      // From the clock, so that numbers grow over a restart that remembers nothing, unless the clock was set back.
      const number = given ?? Math.max((latest?.upTo ?? 0) + 1, Math.trunc(now()))
      const isStored = what === 'data' && entityStore !== undefined
      const onDisk = isStored && source === latest?.source ? latest.upTo : 0
      const upTo = !isStored ? number : number > onDisk ? number + AHEAD : onDisk
      entries.set(what, { number, version, source, upTo })
      if (path !== undefined && upTo !== onDisk) save(path, options.source, entries, onFailure)
      return number
    },
  }
}

/**
 * The greatest number of data that may have been in use before, for a store that is to go on above it: also where it is
 * the same store, whose file may be an older copy. Throws as `openNumberBook` does.
 */
export function findDataFloor(place: NumberPlace): number {
  const path = pathOf(place)
  return path === undefined ? 0 : (new Map(readEntries(path)).get('data')?.upTo ?? 0)
}

function pathOf({ stateDir }: NumberPlace): string | undefined {
  return stateDir === undefined ? undefined : join(stateDir, NAME)
}

function sourceOf(what: Counted, { source, entityStore }: NumberPlace): string {
  return what === 'data' && entityStore !== undefined ? `entity store ${entityStore}` : source
}

function readEntries(path: string): readonly (readonly [Counted, Entry])[] {
  let text: string
  try {
    text = readTextFile(path)
  } catch (error) {
    if ((error as { readonly cause?: NodeJS.ErrnoException }).cause?.code === 'ENOENT') return []
    throw error
  }
  const parsed = parseJson(text, 4)
  const read = fileSchema.safeParse('value' in parsed ? parsed.value : undefined)
  if (!read.success) {
    throw new PdpServerError(
      'unreadable-files',
      `${path} does not hold the numbers of policies and data: restore it, or delete it to start anew`,
    )
  }
  return (['policy', 'data'] as const).flatMap((what) => {
    const entry = read.data[what]
    if (entry === undefined) return []
    const { number, version, source = read.data.source, upTo = number } = entry
    return [[what, { number, version, source, upTo }] as const]
  })
}

/** Before the number is used: a crash must not make it be given to another version. */
function save(
  path: string,
  source: string,
  entries: ReadonlyMap<Counted, Entry>,
  onFailure: NumberBookOptions['onFailure'],
): void {
  try {
    const content = { format: 'edict-numbers/1', source, ...Object.fromEntries(entries) }
    writeFileAtomically(path, `${JSON.stringify(content)}\n`)
  } catch (error) {
    onFailure?.(error)
  }
}
