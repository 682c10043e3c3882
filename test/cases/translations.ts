// Finds our translations of policy sets and loads them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { loadPolicySet, type PolicySet, renderDiagnostic } from '@edict/policy-lang'

export interface Translation {
  readonly path: string
  readonly text: string
  /** Left out where there are errors. */
  readonly policySet?: PolicySet
  /** Errors and warnings, rendered: a translation has neither. */
  readonly findings: readonly string[]
}

/** What follows the first slash of a set's id (the whole id where it has none), other characters than `A-Za-z0-9_.-` as `-`. */
export function toFileName(setId: string): string {
  const name = setId.slice(setId.indexOf('/') + 1)
  return `${name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-')}.edict`
}

/** All translations below a folder: `<folder>/<source>/*.edict`, by source, then by file name. */
export function findTranslations(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  if (!existsSync(folder)) return new Map()
  const sources = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }): [string, ReadonlySet<string>] => [
      name,
      new Set(readdirSync(join(folder, name)).filter((file) => file.endsWith('.edict'))),
    ])
  return new Map(sources.filter(([, files]) => files.size > 0))
}

export function loadTranslation(path: string): Translation {
  const text = readFileSync(path, 'utf8')
  const sources = [{ name: relative(process.cwd(), path), text }]
  const { policySet, diagnostics } = loadPolicySet(sources)
  const findings = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, sources))
  return { path, text, ...(policySet !== undefined && { policySet }), findings }
}

/** Two sets with one file name: a translation would stand for both. */
export function findNameClashes(setIds: readonly string[]): readonly string[] {
  const byName = Map.groupBy(setIds, toFileName)
  return [...byName].flatMap(([name, ids]) =>
    ids.length > 1 ? [`${ids.join(', ')}: one file name, ${basename(name)}`] : [],
  )
}
