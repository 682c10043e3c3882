import { resolve } from 'node:path'
import { loadEntityData } from '@edict/policy-lang/program'
import { defaultData, loadConfig } from '../config.ts'
import type { PdpState } from '../decide/pdp.ts'
import { exportRows } from '../entity-store/seed-store.ts'
import { loadState } from '../load-state.ts'
import { type CliIo, count, say } from './io.ts'
import { dataPrefix, show } from './policy-paths.ts'
import { countErrors, printDataProblems, printDiagnostics } from './print-findings.ts'

/** As flags name them. */
export interface ChosenFolders {
  readonly policies?: string
  readonly data?: string
}

/** What the chosen folders hold. Undefined where that does not load, which then is said. */
export function loadChosenState(options: ChosenFolders, io: CliIo): PdpState | undefined {
  const { policies, data, entityStore } = chooseFolders(options, io)
  const loaded = loadState({
    policies,
    data,
    namePrefix: dataPrefix(policies, io),
    ...(data !== undefined && { dataNamePrefix: dataPrefix(data, io) }),
  })
  if (loaded.state !== undefined) {
    return entityStore === undefined ? loaded.state : addStoredData(loaded.state, entityStore, io)
  }
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  printDiagnostics(errors, loaded.sources, io.stderr, io)
  printDataProblems(loaded.dataProblems, 'error', io.stderr, io)
  const total = countErrors(errors) + loaded.dataProblems.length
  say(io.stderr, `${show(policies, io)} does not load: ${count(total, 'error')}`)
  return undefined
}

/** Undefined where what is stored does not fit, which then is said. Throws where the store is open elsewhere. */
function addStoredData(state: PdpState, path: string, io: CliIo): PdpState | undefined {
  const rows = { name: show(path, io), data: exportRows(path) }
  const { store, problems } = loadEntityData(state.policySet.program, [rows])
  if (store !== undefined) return { ...state, entities: store }
  printDataProblems(problems, 'error', io.stderr, io)
  say(io.stderr, `${show(path, io)} does not fit the policies: ${count(problems.length, 'error')}`)
  return undefined
}

/** Data of the configuration belongs to its policies, not to others. */
function chooseFolders(
  options: ChosenFolders,
  io: CliIo,
): {
  readonly policies: string
  readonly data: string | undefined
  readonly entityStore?: string | undefined
} {
  const given = options.data === undefined ? undefined : resolve(io.cwd, options.data)
  if (options.policies !== undefined) {
    const policies = resolve(io.cwd, options.policies)
    return { policies, data: given ?? defaultData(policies) }
  }
  const config = loadConfig({ flags: {}, env: io.env, cwd: io.cwd })
  const entityStore = given === undefined ? config.entityStore : undefined
  return { policies: config.policies, data: given ?? config.data, entityStore }
}
