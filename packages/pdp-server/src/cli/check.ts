import { resolve } from 'node:path'
import { type DataProblem, type Diagnostic, loadPolicySet, locate } from '@edict/policy-lang'
import { defaultData, loadConfig } from '../config.ts'
import { loadEntityDirectory } from '../entities/load-entity-directory.ts'
import { type CliIo, count, EXIT, type ExitCode, say } from './io.ts'
import { dataPrefix, type PolicySetPath, readPolicySets, show } from './policy-paths.ts'
import { countErrors, printDataProblems, printDiagnostics, summarize } from './print-findings.ts'

export interface CheckOptions {
  readonly data?: string
  readonly json?: boolean
}

interface Checked {
  readonly set: PolicySetPath
  readonly policyVersion?: string
  readonly diagnostics: readonly Diagnostic[]
  readonly data?: string
  readonly dataProblems: readonly DataProblem[]
  readonly dataWarnings: readonly DataProblem[]
}

/** `edict check`: 0 without errors, 1 with, 2 where something cannot be read. */
export function runCheck(paths: readonly string[], options: CheckOptions, io: CliIo): ExitCode {
  const all = readPolicySets(paths, io).map((set) => checkSet(set, chooseData(set, paths, options, io), io))
  if (options.json === true)
    say(io.stdout, JSON.stringify({ sets: all.map((checked) => toJson(checked, io)) }, undefined, 2))
  else for (const checked of all) printChecked(checked, io)
  return all.every((checked) => countAllErrors(checked) === 0) ? EXIT.ok : EXIT.no
}

/** The data that belongs to a policy set: what is said, what is configured for it, or what lies in it. */
function chooseData(
  { directory }: PolicySetPath,
  paths: readonly string[],
  { data }: CheckOptions,
  io: CliIo,
): string | undefined {
  if (data !== undefined) return resolve(io.cwd, data)
  if (paths.length === 0) return loadConfig({ flags: {}, env: io.env, cwd: io.cwd }).data
  return directory === undefined ? undefined : defaultData(directory)
}

function checkSet(set: PolicySetPath, data: string | undefined, io: CliIo): Checked {
  const { policySet, diagnostics } = loadPolicySet(set.sources)
  if (policySet === undefined || data === undefined) {
    return {
      set,
      ...(policySet && { policyVersion: policySet.version }),
      diagnostics,
      dataProblems: [],
      dataWarnings: [],
    }
  }
  const { problems, warnings } = loadEntityDirectory(policySet.program, data, dataPrefix(data, io))
  return {
    set,
    policyVersion: policySet.version,
    diagnostics,
    data,
    dataProblems: problems,
    dataWarnings: warnings,
  }
}

function printChecked(checked: Checked, io: CliIo): void {
  const { set, diagnostics, data, dataProblems, dataWarnings } = checked
  printDiagnostics(diagnostics, set.sources, io.stdout, io)
  printDataProblems(dataProblems, 'error', io.stdout, io)
  printDataProblems(dataWarnings, 'warning', io.stdout, io)
  const errors = countAllErrors(checked)
  const warnings = diagnostics.length - countErrors(diagnostics) + dataWarnings.length
  const withData = data === undefined ? '' : ` and data of ${show(data, io)}`
  say(
    io.stdout,
    `${set.shownAs}: ${count(set.sources.length, 'file')}${withData}, ${summarize(errors, warnings)}`,
  )
}

function countAllErrors({ diagnostics, dataProblems }: Checked): number {
  return countErrors(diagnostics) + dataProblems.length
}

function toJson(checked: Checked, io: CliIo): object {
  const { set, policyVersion, diagnostics, data, dataProblems, dataWarnings } = checked
  return {
    path: set.shownAs,
    ok: countAllErrors(checked) === 0,
    files: set.sources.map(({ name }) => name),
    ...(policyVersion !== undefined && { policyVersion }),
    diagnostics: diagnostics.map((diagnostic) => ({
      ...diagnostic,
      location: locate(diagnostic.span, set.sources),
    })),
    ...(data !== undefined && { data: show(data, io), dataProblems, dataWarnings }),
  }
}
