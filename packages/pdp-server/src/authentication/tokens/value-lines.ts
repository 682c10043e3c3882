// Lines of JSON → values. One that is none takes no other with it.
import type { z } from 'zod'
import type { Log } from '../../telemetry/log.ts'
import { parseJson } from '../../wire/parse-json.ts'

const LINE_DEPTH = 3
const SHOWN_LENGTH = 100

export interface ParsedLines<T> {
  readonly values: readonly T[]
  /** JSON that is no value, each once. Another version may know what to make of it. */
  readonly strange: readonly unknown[]
}

export interface LineParser<T> {
  readonly parse: (bytes: Buffer) => ParsedLines<T>
  /** How many different lines were left out so far, although they are JSON. */
  readonly strangeCount: () => number
}

export interface LineParserOptions<T> {
  readonly path: string
  readonly schema: z.ZodType<T>
  readonly log: Log
}

export function createLineParser<T>({ path, schema, log }: LineParserOptions<T>): LineParser<T> {
  const known = new Set<string>()
  return {
    parse: (bytes) => {
      const values: T[] = []
      const strange = new Map<string, unknown>()
      for (const line of bytes.toString().split('\n')) {
        if (line === '') continue
        const parsed = parseJson(line, LINE_DEPTH)
        if ('fault' in parsed) {
          // A write that a crash cut short. Nobody was told that it was done.
          log.warn({ path }, 'a line of the file of revocations is no JSON, and is left out')
          continue
        }
        const result = schema.safeParse(parsed.value)
        if (result.success) values.push(result.data)
        else strange.set(JSON.stringify(parsed.value), parsed.value)
      }
      for (const text of strange.keys()) {
        if (known.has(text)) continue
        known.add(text)
        const line = text.slice(0, SHOWN_LENGTH)
        log.error({ path, line }, 'a line of the file of revocations is no revocation, and is left out')
      }
      return { values, strange: [...strange.values()] }
    },
    strangeCount: () => known.size,
  }
}
