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
   * The number of this version: the one it has if it is the latest, else a new one.
   * @param given the source's own number, which must not be below the latest: throws `PdpServerError` `older-state`
   */
  readonly numberOf: (what: Counted, version: string, given?: number) => number
}

export interface NumberBookOptions {
  /** Folder that keeps the numbers over restarts. Default: none. */
  readonly stateDir?: string | undefined
  /** Numbers of another source start anew. */
  readonly source: string
  /** Told where the numbers cannot be written. */
  readonly onFailure?: (error: unknown) => void
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

const NAME = 'numbers.json'

const entrySchema = z.strictObject({ number: z.int().min(0), version: z.string() })
const fileSchema = z.strictObject({
  format: z.literal('edict-numbers/1'),
  source: z.string(),
  policy: entrySchema.optional(),
  data: entrySchema.optional(),
})

type Entry = Readonly<z.infer<typeof entrySchema>>

/** Throws `PdpServerError` `unreadable-files` where the numbers of before are there and cannot be read. */
export function openNumberBook(options: NumberBookOptions): NumberBook {
  const { stateDir, source, onFailure, now = Date.now } = options
  const path = stateDir === undefined ? undefined : join(stateDir, NAME)
  const entries = new Map<Counted, Entry>(path === undefined ? [] : readEntries(path, source))
  return {
    numberOf: (what, version, given) => {
      const latest = entries.get(what)
      if (given !== undefined && latest !== undefined && given < latest.number) {
        throw new PdpServerError(
          'older-state',
          `number ${given} of the source is older than ${latest.number}, which was in use`,
        )
      }
      if (latest?.version === version && (given === undefined || given === latest.number))
        return latest.number
      // From the clock, so that numbers grow over a restart that remembers nothing, unless the clock was set back.
      const number = given ?? Math.max((latest?.number ?? 0) + 1, Math.trunc(now()))
      entries.set(what, { number, version })
      // A store of entities remembers its numbers itself, and gives one for each write.
      if (path !== undefined && (what === 'policy' || given === undefined))
        save(path, source, entries, onFailure)
      return number
    },
  }
}

function readEntries(path: string, source: string): readonly (readonly [Counted, Entry])[] {
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
  if (read.data.source !== source) return []
  const { policy, data } = read.data
  return [...(policy ? [['policy', policy] as const] : []), ...(data ? [['data', data] as const] : [])]
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
