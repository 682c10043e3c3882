// Real applications of other systems, decided by Edict: their policies in our translation, their data and requests
// through an adapter, their decisions compared with ours. The cases are not part of this repository: see README.md.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Adapt, CaseSet } from './adapter.ts'
import { adaptEntities } from './adapters/shared/entities.ts'
import { judgeSet, type SetOutcome } from './judge.ts'
import { readKnown, whyUntranslated } from './known.ts'
import { type CaseSource, readCases } from './read-cases.ts'
import { findNameClashes, findTranslations, loadTranslation, toFileName } from './translations.ts'

const USAGE = `usage: node test/cases/run.ts [--from DIR] [--policies DIR] [--only GLOB] [--server] [--missing] [--show]

  --from DIR      where the case files stand (default: ../shared/cases beside this repository)
  --policies DIR  where our translations stand, in a folder for each source (default: test/cases)
  --only GLOB     only sets whose id or source matches; * stands for anything
  --server        ask a started server as well, over HTTP
  --missing       list the sets without translation, and the translations without a set
  --show          print entity data and requests as the adapter makes them, and ask nothing`

interface Options {
  readonly folder: string
  readonly policies: string
  readonly isServed: boolean
  readonly isWanted: (source: string, setId: string) => boolean
  readonly print: Print
}

/** Puts out one piece of text. */
type Print = (text: string) => void

/** What a run adds up, source by source. */
interface Tally {
  passed: number
  notServed: number
  readonly failures: string[]
  readonly known: string[]
  readonly missing: string[]
  /** Translations, `source/file`, that a set of the folder took. */
  readonly used: Set<string>
  /** Those that none took. */
  readonly idle: string[]
}

/** Runs with the arguments of a command line; gives the exit code. */
export async function runCases(args: readonly string[], print: Print): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      from: { type: 'string' },
      policies: { type: 'string' },
      only: { type: 'string' },
      server: { type: 'boolean' },
      missing: { type: 'boolean' },
      show: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    print(USAGE)
    return 0
  }
  const options: Options = {
    folder: resolve(values.from ?? join(import.meta.dirname, '../../../shared/cases')),
    policies: resolve(values.policies ?? import.meta.dirname),
    isServed: values.server ?? false,
    isWanted: createFilter(values.only),
    print,
  }
  const hasCases = existsSync(options.folder)
  if (!hasCases && values.from !== undefined) {
    print(`no cases in ${options.folder}`)
    return 2
  }
  const sources = hasCases ? readCases(options.folder) : []
  if (values.show) {
    for (const source of sources) await show(source, options)
    return 0
  }
  const tally: Tally = {
    passed: 0,
    notServed: 0,
    failures: [],
    known: [],
    missing: [],
    used: new Set(),
    idle: [],
  }
  for (const source of sources) await runSource(source, options, tally)
  if (values.only === undefined) checkUnused(options, tally)
  report(tally, values.missing ?? false, print)
  if (!hasCases) print(`no cases in ${options.folder}: nothing was asked`)
  print(`\n${tally.passed} passed, ${tally.failures.length} failed`)
  return tally.failures.length === 0 ? 0 : 1
}

function createFilter(glob: string | undefined): Options['isWanted'] {
  if (glob === undefined) return () => true
  const parts = glob.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`^${parts.join('.*')}$`)
  return (source, setId) => pattern.test(source) || pattern.test(setId)
}

async function runSource(source: CaseSource, options: Options, tally: Tally): Promise<void> {
  const known = readKnown(options.policies, source.name)
  const files = findTranslations(options.policies).get(source.name) ?? new Set()
  const adapt = await loadAdapter(source.name)
  tally.failures.push(...findNameClashes(source.sets.map(({ id }) => id)))
  for (const set of source.sets.filter(({ id }) => options.isWanted(source.name, id))) {
    const why = whyUntranslated(known, set.id)
    const file = toFileName(set.id)
    if (files.has(file)) {
      tally.used.add(`${source.name}/${file}`)
      if (why !== undefined)
        tally.failures.push(`${set.id}: known to have no translation, but ${file} is one`)
      await runSet(source.name, set, adapt, known, options, tally)
    } else if (set.requests.length > 0) {
      tally.missing.push(`${set.id} (${source.name}/${file})${why === undefined ? '' : `: ${why}`}`)
    }
  }
}

async function runSet(
  source: string,
  set: CaseSet,
  adapt: Adapt,
  known: ReturnType<typeof readKnown>,
  { folder, policies, isServed, print }: Options,
  tally: Tally,
): Promise<void> {
  const { text, policySet, findings } = loadTranslation(join(policies, source, toFileName(set.id)))
  tally.failures.push(...findings)
  if (policySet === undefined) {
    print(`${source}/${set.id}: does not load`)
    return
  }
  const outcome = await judgeSet(set, adapt, { text, policySet }, { folder, known, isServed }).catch(
    (error: unknown): SetOutcome => ({
      passed: 0,
      known: [],
      failures: [`${set.id}: ${error instanceof Error ? error.stack : error}`],
      notServed: 0,
    }),
  )
  tally.passed += outcome.passed
  tally.notServed += outcome.notServed
  tally.known.push(...outcome.known)
  tally.failures.push(...outcome.failures)
  const notes = [
    ...(outcome.known.length > 0 ? [`${outcome.known.length} known`] : []),
    ...(outcome.failures.length > 0 ? [`${outcome.failures.length} FAILED`] : []),
  ]
  const count = `${outcome.passed} of ${set.requests.length}`
  print(`${`${source}: ${set.id}`.padEnd(64)} ${[count, ...notes].join(', ')}`)
}

/** The source's own adapter, or the one for entities with attributes and parents. */
async function loadAdapter(source: string): Promise<Adapt> {
  const path = join(import.meta.dirname, 'adapters', `${source}.ts`)
  if (!existsSync(path)) return adaptEntities
  const module: { readonly adapt: Adapt } = await import(pathToFileURL(path).href)
  return module.adapt
}

/** What no set of the folder took can still be checked: a translation has no errors and no warnings. */
function checkUnused({ policies }: Options, tally: Tally): void {
  for (const [source, files] of findTranslations(policies)) {
    for (const file of files) {
      if (tally.used.has(`${source}/${file}`)) continue
      tally.failures.push(...loadTranslation(join(policies, source, file)).findings)
      tally.idle.push(`${source}/${file}`)
    }
  }
}

function report(
  { failures, known, missing, idle, notServed }: Tally,
  isListingMissing: boolean,
  print: Print,
): void {
  for (const failure of failures) print(`\nFAILED ${failure}`)
  print('')
  if (known.length > 0) print(`${known.length} known differences:`)
  for (const text of known) print(`  ${text}`)
  if (notServed > 0) print(`${notServed} requests set the clock and were asked in-process only`)
  if (missing.length > 0) {
    print(`${missing.length} sets without translation${isListingMissing ? ':' : ' (--missing lists them)'}`)
  }
  if (isListingMissing) for (const text of missing) print(`  ${text}`)
  if (idle.length > 0) print(`${idle.length} translations without a set here were checked only`)
  if (isListingMissing) for (const text of idle) print(`  ${text}`)
}

async function show(source: CaseSource, { folder, policies, isWanted, print }: Options): Promise<void> {
  const adapt = await loadAdapter(source.name)
  const files = findTranslations(policies).get(source.name) ?? new Set()
  for (const set of source.sets) {
    const file = toFileName(set.id)
    if (!(isWanted(source.name, set.id) && files.has(file))) continue
    const { policySet } = loadTranslation(join(policies, source.name, file))
    if (policySet === undefined) throw new Error(`${file} does not load`)
    const { data, toQuestion } = adapt(set, { schema: policySet.program.schema, folder })
    print(`${set.id}\n${JSON.stringify(data, undefined, 1)}`)
    for (const request of set.requests) {
      print(`#${request.n} ${request.expected} ${JSON.stringify(toQuestion(request))}`)
    }
  }
}
