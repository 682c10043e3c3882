// `edict bundle build`: folders that load without errors become one file.
import { basename, resolve } from 'node:path'
import { loadEntityData, loadPolicySet, type PolicySet } from '@edict/policy-lang'
import { type BundleContent, type BundleDetails, buildBundle, signBundle } from '../bundle/build-bundle.ts'
import { readBundleSigner } from '../bundle/bundle-key.ts'
import { BUNDLE_NAME_PATTERN, type BundleManifest } from '../bundle/manifest.ts'
import { loadBundle, openUnverified } from '../bundle/open-bundle.ts'
import { readBundleFile } from '../bundle/read-bundle-file.ts'
import { defaultData, loadConfig } from '../config.ts'
import { readEntityFiles } from '../entities/load-entity-directory.ts'
import { PdpServerError } from '../errors.ts'
import { writeFileAtomically } from '../files/write-file-atomically.ts'
import { readPolicyDirectory } from '../policies/read-policy-directory.ts'
import { type CliIo, count, EXIT, type ExitCode, say } from './io.ts'
import { dataPrefix, show } from './policy-paths.ts'
import { countErrors, printDataProblems, printDiagnostics } from './print-findings.ts'
import { readExpiry } from './read-when.ts'

export interface BuildBundleOptions {
  readonly out: string
  /** `false`: none, though there is a folder. */
  readonly data?: string | false
  readonly name?: string
  readonly serial?: string
  readonly notAfter?: string
  readonly key?: string
}

export async function runBuildBundle(
  directory: string | undefined,
  options: BuildBundleOptions,
  io: CliIo,
): Promise<ExitCode> {
  const now = Date.now()
  const { policies, data } = locate(directory, options, io)
  const details = {
    name: checkName(options.name ?? basename(policies), options.name === undefined),
    serial: readSerial(options.serial, now),
    createdAt: now,
    notAfter: options.notAfter === undefined ? undefined : readExpiry(options.notAfter, now, '--not-after'),
  }
  const signer =
    options.key === undefined ? undefined : readBundleSigner(resolve(io.cwd, options.key), options.key)
  const content = readContent(policies, data, io)
  if (content === undefined) return EXIT.no
  const out = resolve(io.cwd, options.out)
  await refuseOlderThan(out, details, io)
  const unsigned = buildBundle(content, details)
  // What does not open here would open nowhere.
  loadBundle(openUnverified(unsigned))
  const bytes = signer === undefined ? unsigned : signBundle(unsigned, signer)
  writeFileAtomically(out, bytes)
  say(
    io.stdout,
    `${show(out, io)}: bundle \`${details.name}\`, serial ${details.serial}, ${bytes.length} bytes`,
  )
  say(
    io.stdout,
    signer === undefined
      ? 'not signed: no service takes it before edict bundle sign'
      : `signed with the key ${signer.id}`,
  )
  return EXIT.ok
}

interface ContentPaths {
  readonly policies: string
  readonly data: string | undefined
}

function locate(directory: string | undefined, options: BuildBundleOptions, io: CliIo): ContentPaths {
  const config = directory === undefined ? loadConfig({ flags: {}, env: io.env, cwd: io.cwd }) : undefined
  const policies = config?.policies ?? resolve(io.cwd, directory ?? '.')
  if (options.data === false) return { policies, data: undefined }
  if (options.data !== undefined) return { policies, data: resolve(io.cwd, options.data) }
  return { policies, data: config === undefined ? defaultData(policies) : config.data }
}

/** Undefined where there are errors, which are printed. */
function readContent(policies: string, data: string | undefined, io: CliIo): BundleContent | undefined {
  const sources = readPolicyDirectory(policies, { namePrefix: dataPrefix(policies, io) })
  const { policySet, diagnostics } = loadPolicySet(sources)
  if (policySet === undefined) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    printDiagnostics(errors, sources, io.stderr, io)
    say(io.stderr, `${show(policies, io)} does not load: ${count(countErrors(errors), 'error')}`)
    return undefined
  }
  return data === undefined ? { policySet } : readData(policySet, data, io)
}

function readData(policySet: PolicySet, directory: string, io: CliIo): BundleContent | undefined {
  const { files, faults } = readEntityFiles(directory, dataPrefix(directory, io))
  const { store, problems } = loadEntityData(policySet.program, files)
  const all = [...faults, ...problems]
  if (store === undefined || all.length > 0) {
    printDataProblems(all, 'error', io.stderr, io)
    say(io.stderr, `${show(directory, io)} does not load: ${count(all.length, 'error')}`)
    return undefined
  }
  return { policySet, data: { files: files.map(({ data }) => data), version: store.version } }
}

/** Services that took the one that is there would refuse this one. */
async function refuseOlderThan(out: string, { name, serial }: BundleDetails, io: CliIo): Promise<void> {
  let manifest: BundleManifest
  try {
    manifest = openUnverified(await readBundleFile(out)).manifest
  } catch {
    return
  }
  if (manifest.name !== name || manifest.serial < serial) return
  throw new PdpServerError(
    'malformed-request',
    `${show(out, io)} is bundle \`${name}\` with serial ${manifest.serial}, and ${serial} is not greater: ` +
      'services that know that one would refuse this one',
  )
}

function checkName(name: string, isFolder: boolean): string {
  if (BUNDLE_NAME_PATTERN.test(name)) return name
  throw new PdpServerError(
    'malformed-request',
    isFolder
      ? 'the folder has no name that a bundle can have: name it with --name'
      : `a name has letters, digits, \`.\`, \`_\`, \`/\` and \`-\`, at most 128, and begins with one of the first two, not ${name.slice(0, 60)}`,
  )
}

function readSerial(text: string | undefined, now: number): number {
  if (text === undefined) return now
  const serial = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(serial)) return serial
  throw new PdpServerError(
    'malformed-request',
    `--serial must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, not ${text.slice(0, 60)}`,
  )
}
