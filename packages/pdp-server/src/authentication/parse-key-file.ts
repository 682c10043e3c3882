// What all files of keys have in common: JSON of one form, with each id once.
import type { z } from 'zod'
import { PdpServerError } from '../errors.ts'
import { toJsonPath } from '../wire/json-path.ts'
import { parseSecretJson } from '../wire/parse-json.ts'

const MAX_DEPTH = 5

/**
 * Throws `PdpServerError` `unreadable-files` where the text is none of that form.
 * INVARIANT: what is wrong with it is said without it, since it may hold secrets.
 */
export function parseKeyFile<T>(path: string, text: string, schema: z.ZodType<T>): T {
  const parsed = parseSecretJson(text, MAX_DEPTH)
  if ('fault' in parsed) throw unreadableKeys(path, `${parsed.fault.path} ${parsed.fault.detail}`)
  const result = schema.safeParse(parsed.value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw unreadableKeys(path, `${toJsonPath(issue?.path ?? [])} ${issue?.message ?? 'is wrong'}`)
}

export function unreadableKeys(path: string, detail: string): PdpServerError {
  return new PdpServerError('unreadable-files', `${path}: ${detail}`)
}
