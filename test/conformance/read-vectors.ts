import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One file of the vectors. Its shape is taken on trust: a wrong one shows as failing cases. */
export function readVectors<T>(vectors: string, path: string): T {
  return JSON.parse(readFileSync(join(vectors, path), 'utf8')) as T
}
