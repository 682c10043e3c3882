// Requests that Edict is known to decide otherwise than their source, each with the reason: `<source>/known.json`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Set id → number of the request → reason; or set id → why there is no translation at all.
 */
export type KnownDifferences = Readonly<Record<string, string | Readonly<Record<string, string>>>>

export function readKnown(policies: string, source: string): KnownDifferences {
  const path = join(policies, source, 'known.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

export function knownReason(known: KnownDifferences, setId: string, n: number): string | undefined {
  const entry = Object.hasOwn(known, setId) ? known[setId] : undefined
  if (typeof entry !== 'object') return undefined
  return Object.hasOwn(entry, String(n)) ? entry[String(n)] : undefined
}

/** Why a set has no translation, where we say so. */
export function whyUntranslated(known: KnownDifferences, setId: string): string | undefined {
  const entry = Object.hasOwn(known, setId) ? known[setId] : undefined
  return typeof entry === 'string' ? entry : undefined
}

/** Numbers in the file that are no request of the set. */
export function unknownNumbers(
  known: KnownDifferences,
  setId: string,
  numbers: ReadonlySet<number>,
): readonly string[] {
  const entry = Object.hasOwn(known, setId) ? known[setId] : undefined
  if (typeof entry !== 'object') return []
  return Object.keys(entry).filter((key) => !numbers.has(Number(key)))
}
