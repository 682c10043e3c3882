// Policy text → policy set: parse all, check, compile, link.
// In: named texts. Out: a set that can answer, or diagnostics that say why not. It reads no files itself.
import type { PolicyFile } from './ast/nodes.ts'
import { checkIntact } from './check/check-intact.ts'
import { checkPolicySet } from './check/check-policy-set.ts'
import { compileProgram } from './compile/compile-program.ts'
import { compileTests } from './compile/compile-tests.ts'
import { findConstantProblems } from './compile/find-constant-problems.ts'
import { findDoubleFixtures } from './compile/find-double-fixtures.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { sortDiagnostics } from './diagnostics/sort-diagnostics.ts'
import type { SourceFile } from './diagnostics/span.ts'
import { createPolicySet, type PolicySet } from './policy-set.ts'
import { type ParsedPolicyFile, parseForLoading } from './syntax/parse.ts'

export interface LoadedPolicySet {
  /** Left out where there is an error. */
  readonly policySet?: PolicySet
  /** Errors and warnings, sorted by file and position, without duplicates. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Loads a policy set from its sources. Their order and names change nothing but diagnostics and locations.
 * Policy text never makes it throw: what is wrong with it is in `diagnostics`, and then there is no policy set.
 *
 * @param sources all files of the set; `*.test.edict` ones hold tests and invariants only
 * @example
 * ```ts
 * import { loadPolicySet } from '@edict/policy-lang'
 *
 * const { policySet, diagnostics } = loadPolicySet([
 *   {
 *     name: 'notes.edict',
 *     text: `
 *       subject Person
 *       resource Note { author: Person  actions read, erase }
 *       rule authors: allow * on Note if resource.author == subject
 *     `,
 *   },
 * ])
 * diagnostics.length // => 0
 *
 * const answer = policySet?.decide({
 *   subject: { type: 'Person', id: 'mia' },
 *   action: { name: 'read' },
 *   resource: { type: 'Note', id: 'n1', properties: { author: 'mia' } },
 * })
 * answer?.decision // => 'allow'
 * answer?.reasons // => [{ rule: 'authors' }]
 * ```
 */
export function loadPolicySet(sources: readonly SourceFile[]): LoadedPolicySet {
  return loadParsed(sources, parseForLoading)
}

/** Loads one policy set again and again. */
export interface PolicyLoader {
  /** As `loadPolicySet`; sources that stand as they stood the last time are not parsed again. */
  load(sources: readonly SourceFile[]): LoadedPolicySet
}

/** A loader that keeps the syntax trees of the sources it was given last. */
export function createPolicyLoader(): PolicyLoader {
  // INVARIANT: nothing changes a tree once it is parsed.
  let known = new Map<string, { readonly text: string; readonly parsed: ParsedPolicyFile }>()
  return {
    load: (sources) => {
      const next: typeof known = new Map()
      const loaded = loadParsed(sources, (source) => {
        const { name, text } = source
        const before = known.get(name)
        const parsed = before?.text === text ? before.parsed : parseForLoading(source)
        next.set(name, { text, parsed })
        return parsed
      })
      known = next
      return loaded
    },
  }
}

function loadParsed(
  sources: readonly SourceFile[],
  parse: (source: SourceFile) => ParsedPolicyFile,
): LoadedPolicySet {
  const duplicates = findDuplicateSources(sources)
  const parsed = sources.map((source) => ({ ...parse(source), source }))
  const syntax = [...duplicates, ...parsed.flatMap(({ diagnostics }) => diagnostics)]
  if (hasError(syntax)) {
    const found = duplicates.length > 0 ? [] : checkIntact(parsed.map(toIntactFile))
    return { diagnostics: sortDiagnostics([...syntax, ...found]) }
  }
  const files = parsed.flatMap(({ file }): readonly PolicyFile[] => (file === undefined ? [] : [file]))
  const { checked, diagnostics } = checkPolicySet(files)
  const constants = checked === undefined ? [] : findConstantProblems(checked, sources)
  const all = sortDiagnostics([...syntax, ...diagnostics, ...constants])
  if (checked === undefined || hasError(all)) return { diagnostics: all }
  const doubles = findDoubleFixtures(checked, sources)
  if (doubles.length > 0) return { diagnostics: sortDiagnostics([...all, ...doubles]) }
  const program = compileProgram(checked, sources)
  return { policySet: createPolicySet(program, compileTests(checked, sources)), diagnostics: all }
}

function toIntactFile({ intact, source }: ParsedPolicyFile & { readonly source: SourceFile }): PolicyFile {
  const span = { file: source.name, start: 0, end: source.text.length }
  return { kind: 'policyFile', file: source.name, declarations: intact, span }
}

function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error')
}

/** Spans tell sources apart by name: two of one name could not be told apart in any message. */
function findDuplicateSources(sources: readonly SourceFile[]): readonly Diagnostic[] {
  const seen = new Set<string>()
  return sources.flatMap(({ name }): readonly Diagnostic[] => {
    const isDuplicate = seen.has(name)
    seen.add(name)
    if (!isDuplicate) return []
    const span = { file: name, start: 0, end: 0 }
    const message = `two sources have the name \`${name}\``
    return [{ code: 'duplicate-source', severity: 'error', message, span, hint: 'rename one of them' }]
  })
}
