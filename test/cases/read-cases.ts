// Reads a folder of case files. They are not part of this repository.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { CaseRequest, CaseSet } from './adapter.ts'

export interface CaseSource {
  /** The file's name without `.json`. */
  readonly name: string
  readonly sets: readonly CaseSet[]
}

/** The sources of a folder, by name: every `*.json` that holds a list of policy sets. */
export function readCases(folder: string): readonly CaseSource[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file): readonly CaseSource[] => {
      const json = parseLoosely(readFileSync(join(folder, file), 'utf8'))
      if (!(Array.isArray(json) && json.every(isSet))) return []
      return [{ name: basename(file, '.json'), sets: json.map(withNumbers) }]
    })
}

/** JSON, and the numbers that some writers put out although JSON has none for them: they become strings. */
function parseLoosely(text: string): unknown {
  return JSON.parse(
    text.replaceAll(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
      token.startsWith('"') ? token : `"${token}"`,
    ),
  )
}

function isSet(value: unknown): value is CaseSet {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
}

function withNumbers(set: CaseSet): CaseSet {
  const requests: readonly CaseRequest[] = set.requests ?? []
  return { ...set, requests: requests.map((request, index) => ({ ...request, n: request.n ?? index + 1 })) }
}
