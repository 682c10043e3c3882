// When each key was used last: kept beside the key file, so that the service never writes what lets callers in.
import { z } from 'zod'
import { readTextFile } from '../files/read-text-file.ts'
import { writeFileAtomically, writeFileSoon } from '../files/write-file-atomically.ts'
import type { Log } from '../telemetry/log.ts'
import { parseJson } from '../wire/parse-json.ts'
import { KEY_ID_PATTERN } from './api-key.ts'

const FORMAT = 'edict-key-use/1'
const MAX_DEPTH = 3
/** A use is on disk after so long, or once the service stops. */
const WRITE_EVERY_MS = 10_000

const fileSchema = z.object({
  format: z.literal(FORMAT),
  lastUsed: z.array(z.object({ id: z.string().regex(KEY_ID_PATTERN), at: z.iso.datetime() })),
})

export interface KeyUseRecorder {
  readonly record: (id: string, at: number) => void
  /** Writes what is not written yet, and records no more. */
  readonly stop: () => void
}

/** Where the last uses of the keys of a file are, unless told otherwise. */
export function defaultKeyUseFile(keyFile: string): string {
  return `${keyFile.replace(/\.json$/, '')}.last-used.json`
}

/** By id, in epoch milliseconds. Empty where there is no such file, or it cannot be read: nothing depends on it. */
export function readKeyUse(path: string): Map<string, number> {
  try {
    const parsed = parseJson(readTextFile(path), MAX_DEPTH)
    const { lastUsed } = fileSchema.parse('value' in parsed ? parsed.value : undefined)
    return new Map(lastUsed.map(({ id, at }) => [id, Date.parse(at)]))
  } catch {
    return new Map()
  }
}

/** Collects uses in memory and writes them now and then: no request waits for a disk. */
export function createKeyUseRecorder(path: string, log: Log): KeyUseRecorder {
  const fresh = new Map<string, number>()
  let hasFailed = false
  let isWriting = false
  const note = (id: string, at: number): void => {
    fresh.set(id, Math.max(at, fresh.get(id) ?? 0))
  }
  const fail = (error: unknown): void => {
    // Said once: a folder that may not be written stays so, and callers are let in all the same.
    if (!hasFailed) log.warn({ err: error }, 'the last use of keys cannot be recorded')
    hasFailed = true
  }
  const write = async (): Promise<void> => {
    if (fresh.size === 0 || isWriting) return
    isWriting = true
    const taken = [...fresh]
    fresh.clear()
    try {
      await writeFileSoon(path, toText(path, taken))
      hasFailed = false
    } catch (error) {
      for (const [id, at] of taken) note(id, at)
      fail(error)
    }
    isWriting = false
  }
  const timer = setInterval(write, WRITE_EVERY_MS)
  timer.unref()
  return {
    record: note,
    stop: () => {
      clearInterval(timer)
      if (fresh.size === 0) return
      try {
        writeFileAtomically(path, toText(path, fresh))
        fresh.clear()
      } catch (error) {
        fail(error)
      }
    },
  }
}

/** Later uses win, so several services may share a file; where two write at once, one of both may lose ten seconds. */
function toText(path: string, fresh: Iterable<readonly [id: string, at: number]>): string {
  const all = readKeyUse(path)
  for (const [id, at] of fresh) all.set(id, Math.max(at, all.get(id) ?? 0))
  const lastUsed = [...all].map(([id, at]) => ({ id, at: new Date(at).toISOString() }))
  return `${JSON.stringify({ format: FORMAT, lastUsed }, undefined, 2)}\n`
}
