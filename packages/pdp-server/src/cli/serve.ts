import { resolve } from 'node:path'
import { findAuthenticationContradictions } from '../authentication/auth-config.ts'
import { findAuthzenContradictions } from '../authzen/authzen-config.ts'
import { findBundleContradictions, hasBundle } from '../bundle/bundle-config.ts'
import { createConfiguredBundleSource } from '../bundle/configured-bundle-source.ts'
import { CONFIG_TABLE, type Config, loadConfig } from '../config.ts'
import type { PdpState } from '../decide/pdp.ts'
import { findLogContradictions } from '../decision-log/log-config.ts'
import { findStoreContradictions } from '../entity-store/entity-store-config.ts'
import { PdpServerError } from '../errors.ts'
import { isDirectory } from '../files/find-files.ts'
import type { LoadedState } from '../load-state.ts'
import { isLoopback } from '../server.ts'
import { startAlone } from '../service.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import { describeUnreadable } from '../sources/describe-unreadable.ts'
import type { PolicyFolders } from '../sources/directory-snapshot.ts'
import { createDirectorySource } from '../sources/directory-source.ts'
import { type OpenedDirectory, openDirectory, openLastGood } from '../sources/open-directory.ts'
import type { PolicySource, SourceFailure } from '../sources/policy-source.ts'
import { findSourceContradictions } from '../sources/source-config.ts'
import { openStateDirectory } from '../sources/state-directory.ts'
import { createConfiguredLog, type Log } from '../telemetry/log.ts'
import { VERSION } from '../version.ts'
import { startFleet } from '../workers/start-fleet.ts'
import { describeBundle, describeFolders, type Row } from './describe-loaded.ts'
import { findExampleQuestion } from './example-question.ts'
import { describeRequest } from './example-request.ts'
import { type CliIo, count, createPaint, EXIT, type ExitCode, say, visible } from './io.ts'
import { dataPrefix, show } from './policy-paths.ts'
import { countErrors, printDataProblems, printDiagnostics } from './print-findings.ts'

export type ServeOptions = Readonly<Record<string, unknown>> & { readonly config?: string }

/** `edict serve`: 0 once stopped, 1 where it cannot start, 2 where it is told nonsense. */
export async function runServe(
  directory: string | undefined,
  options: ServeOptions,
  io: CliIo,
): Promise<ExitCode> {
  const config = readConfig(directory, options, io)
  const isFolder = !hasBundle(config)
  // Where what loaded last is kept, a folder that is away is no reason not to start.
  if (isFolder && config.stateDir === undefined && !isDirectory(config.policies)) {
    const missing = show(config.policies, io)
    throw new PdpServerError(
      'unreadable-files',
      `there is no folder ${missing}: name one with policies in it, edict serve DIR`,
    )
  }
  const contradictions = [
    ...findLogContradictions(config),
    ...findAuthenticationContradictions(config, !isLoopback(config.host)),
    ...findAuthzenContradictions(config),
    ...findBundleContradictions(config, (key) => config.given.has(key)),
    ...findSourceContradictions(config, isFolder),
    ...findStoreContradictions(config),
  ]
  if (contradictions.length > 0) throw new PdpServerError('bad-configuration', contradictions.join('\n'))
  const { stateDir } = config
  if (stateDir !== undefined) openStateDirectory(stateDir)
  // From now on: to be asked before there is anything to load anew must end nothing.
  let reload = async (): Promise<void> => {}
  const ignoreReloads = io.onReload?.(() => void reload())
  const opened = isFolder ? openFolders(config, io) : undefined
  if (isFolder && opened === undefined) return EXIT.no
  const log = createConfiguredLog(config)
  const bundle = createConfiguredBundleSource(config, log)
  const source = bundle ?? createFolderSource(config, opened, log, io)
  const policies = { source, first: opened, probes: bundle?.probes ?? [] }
  const startConfigured = config.workers === 0 ? startAlone : startFleet
  const server = await startConfigured(policies, config, log)
  try {
    // Where standard output is for decisions, people read the other.
    const forPeople = config.decisionLog.includes('stdout') ? { ...io, stdout: io.stderr } : io
    const state = server.current()
    const rows =
      opened === undefined
        ? describeBundle(state, config, bundle?.failure, io)
        : describeFolders(opened.loaded, state ?? opened.state, config, opened.keptAt, io)
    printStart(rows, state, config, server, forPeople)
    reload = server.reload
    await io.stopped()
    say(forPeople.stdout, 'stopping: requests in flight are answered first')
  } finally {
    ignoreReloads?.()
    await server.stop()
  }
  return EXIT.ok
}

function toFolders({ policies, data }: Config, io: CliIo): PolicyFolders {
  return { policies, data, ...(data !== undefined && { dataPrefix: dataPrefix(data, io) }) }
}

function createFolderSource(
  config: Config,
  initial: OpenedFolders | undefined,
  log: Log,
  io: CliIo,
): PolicySource {
  const { reloadPollSeconds, stateDir } = config
  return createDirectorySource({
    folders: initial?.folders ?? toFolders(config, io),
    pollMs: reloadPollSeconds * 1000,
    initial,
    stateDir,
    log,
  })
}

interface OpenedFolders extends OpenedDirectory {
  readonly state: PdpState
  readonly folders: PolicyFolders
  /** Since when what decides was kept; undefined where it is what the folders hold. */
  readonly keptAt?: string | undefined
  /** Why what they hold does not load. */
  readonly failure?: SourceFailure
  /** What loaded last, where what is there does not fit the data that the service has. */
  readonly fallback?: (failure: SourceFailure) => OpenedFolders | undefined
}

/** Says what is wrong with the folders. Undefined where there is nothing to begin with. */
function openFolders(config: Config, io: CliIo): OpenedFolders | undefined {
  const folders = toFolders(config, io)
  let failure: SourceFailure | undefined
  try {
    const opened = openDirectory(folders, config.stateDir)
    const { state } = opened.loaded
    if (state !== undefined) return withFallback({ ...opened, state, folders }, config, io)
    printFailure(opened.loaded, config, io)
    failure = describeFailure(opened.loaded)
  } catch (error) {
    // To a service, a file that cannot be read is as bad as one with errors.
    if (!(error instanceof PdpServerError)) throw error
    say(io.stderr, `error: ${visible(error.message)}`)
    failure = describeUnreadable(error.message)
  }
  const kept = openKept(folders, config, io)
  return kept && { ...kept, ...(failure && { failure }) }
}

function openKept(folders: PolicyFolders, { stateDir }: Config, io: CliIo): OpenedFolders | undefined {
  if (stateDir === undefined) return undefined
  const kept = openLastGood(folders, stateDir)
  if (kept?.loaded.state === undefined) return undefined
  say(io.stderr, `starting with the policies and data that loaded last, kept at ${kept.keptAt}`)
  return { ...kept, state: kept.loaded.state }
}

/** What loads may still not fit the data that the service has: that is found out later. */
function withFallback(opened: OpenedFolders, config: Config, io: CliIo): OpenedFolders {
  let kept: OpenedFolders | undefined
  return {
    ...opened,
    // Where it was refused, whoever follows the folders is to load it anew, so that it is tried again.
    get texts() {
      return kept === undefined ? opened.texts : undefined
    },
    get loaded() {
      return (kept ?? opened).loaded
    },
    get keptAt() {
      return kept?.keptAt
    },
    fallback: ({ summary }) => {
      say(io.stderr, `error: ${visible(summary)}`)
      kept = openKept(opened.folders, config, io)
      return kept
    },
  }
}

function readConfig(directory: string | undefined, options: ServeOptions, io: CliIo): Config {
  const flags = Object.fromEntries(CONFIG_TABLE.map(({ key }) => [key, options[key]]))
  if (directory !== undefined && options.policies !== undefined) {
    throw new PdpServerError('bad-configuration', `policies are given twice: ${directory} and --policies`)
  }
  return loadConfig({
    flags: { ...flags, ...(directory !== undefined && { policies: directory }) },
    env: io.env,
    cwd: io.cwd,
    file: options.config,
  })
}

function printFailure(loaded: LoadedState, { policies }: Config, io: CliIo): void {
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  printDiagnostics(errors, loaded.sources, io.stderr, io)
  printDataProblems(loaded.dataProblems, 'error', io.stderr, io)
  const total = countErrors(errors) + loaded.dataProblems.length
  say(io.stderr, `${show(resolve(policies), io)} does not load: ${count(total, 'error')}`)
}

/** What is known once it listens. */
interface Started {
  readonly url: string
  readonly metricsUrl: string | undefined
  /** How callers say who they are; undefined where they need not. */
  readonly callers: string | undefined
}

function printStart(
  rows: readonly Row[],
  state: PdpState | undefined,
  config: Config,
  { url, metricsUrl, callers }: Started,
  io: CliIo,
): void {
  const paint = createPaint(io.stdout, io.env)
  const row = (title: string, text: string) => say(io.stdout, `${title.padEnd(10)}${visible(text)}`)
  say(io.stdout, paint('bold', `Edict ${VERSION}`))
  if (config.file !== undefined) row('config', show(config.file, io))
  for (const [title, text] of rows) row(title, text)
  if (callers !== undefined) row('callers', callers)
  const danger = findDanger(config, callers)
  if (danger !== undefined) row('warning', danger)
  if (config.workers > 0) row('workers', `${config.workers} processes`)
  if (config.decisionLog.length > 0) row('decisions', describeDecisionLog(config))
  row('listening', url)
  if (config.metrics) row('metrics', `${metricsUrl ?? url}/metrics`)
  const question = state && findExampleQuestion(state)
  if (question !== undefined)
    say(io.stdout, `\n${describeRequest(url, question, config).split('\n').map(visible).join('\n')}`)
  say(io.stdout, '\nStop with Ctrl+C.')
}

function describeDecisionLog({ decisionLog, audit }: Config): string {
  return `logged to ${decisionLog.join(', ')}${audit === 'required' ? '; none is given without its record' : ''}`
}

/** What is allowed, and worth a second look. */
function findDanger(
  { host, insecureNoAuth, tlsCertFile }: Config,
  callers: string | undefined,
): string | undefined {
  if (callers === undefined) {
    return insecureNoAuth ? 'callers are not authenticated: whoever reaches the port may ask' : undefined
  }
  if (tlsCertFile !== undefined || isLoopback(host)) return undefined
  return 'keys and tokens travel unencrypted, unless what stands in front of this port sees to it'
}
