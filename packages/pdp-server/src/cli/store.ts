import { resolve } from 'node:path'
import { loadPolicySet } from '@edict/policy-lang'
import { loadConfig } from '../config.ts'
import { loadEntityDirectory } from '../entities/load-entity-directory.ts'
import { exportRows, importRows } from '../entity-store/seed-store.ts'
import { PdpServerError } from '../errors.ts'
import { readPolicyDirectory } from '../policies/read-policy-directory.ts'
import { type CliIo, count, EXIT, type ExitCode, say } from './io.ts'
import { dataPrefix, show } from './policy-paths.ts'
import { countErrors, printDataProblems, printDiagnostics } from './print-findings.ts'

export interface StoreOptions {
  readonly store?: string
  readonly policies?: string
}

/** `edict store import`: 0 done, 1 where data or policies have errors. */
export function runImportStore(directory: string, options: StoreOptions, io: CliIo): ExitCode {
  const path = findStore(options, io)
  const policies = loadConfig({ flags: { policies: options.policies }, env: io.env, cwd: io.cwd }).policies
  const sources = readPolicyDirectory(policies)
  const { policySet, diagnostics } = loadPolicySet(sources)
  if (policySet === undefined) {
    printDiagnostics(
      diagnostics.filter(({ severity }) => severity === 'error'),
      sources,
      io.stderr,
      io,
    )
    say(io.stderr, `${show(policies, io)} does not load: ${count(countErrors(diagnostics), 'error')}`)
    return EXIT.no
  }
  const data = resolve(io.cwd, directory)
  const { content, problems } = loadEntityDirectory(policySet.program, data, dataPrefix(data, io))
  if (content === undefined || problems.length > 0) {
    printDataProblems(problems, 'error', io.stderr, io)
    say(io.stderr, `${show(data, io)} does not fit the policies: ${count(problems.length, 'error')}`)
    return EXIT.no
  }
  const { entities, assignments } = importRows(path, content, Date.now())
  say(
    io.stdout,
    `${show(path, io)}: ${count(entities, 'entity', 'entities')}, ${count(assignments, 'assignment')}`,
  )
  return EXIT.ok
}

/** `edict store export`: 0 done. */
export function runExportStore(options: StoreOptions, io: CliIo): ExitCode {
  say(io.stdout, JSON.stringify(exportRows(findStore(options, io)), undefined, 2))
  return EXIT.ok
}

function findStore({ store }: StoreOptions, io: CliIo): string {
  const path =
    store === undefined
      ? loadConfig({ flags: {}, env: io.env, cwd: io.cwd }).entityStore
      : resolve(io.cwd, store)
  if (path !== undefined) return path
  throw new PdpServerError('bad-configuration', 'which store? say --store FILE, or configure `entityStore`')
}
