// `edict bundle keygen | sign | verify | inspect`.
import { createPublicKey } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { signBundle } from '../bundle/build-bundle.ts'
import {
  type BundleKeys,
  generateBundleKey,
  readBundleKeys,
  readBundleSigner,
  toPublicJwk,
} from '../bundle/bundle-key.ts'
import { splitBundle } from '../bundle/layout.ts'
import type { BundleManifest } from '../bundle/manifest.ts'
import {
  checkTerms,
  loadBundle,
  type OpenBundle,
  openUnverified,
  verifyBundle,
} from '../bundle/open-bundle.ts'
import { readBundleFile } from '../bundle/read-bundle-file.ts'
import { readSealKeyId } from '../bundle/seal.ts'
import { PdpServerError } from '../errors.ts'
import { writeFileAtomically } from '../files/write-file-atomically.ts'
import { type CliIo, count, EXIT, type ExitCode, say, visible } from './io.ts'
import { show } from './policy-paths.ts'

export interface KeygenOptions {
  readonly out: string
  readonly jwk?: boolean
}

export interface SignBundleOptions {
  readonly key: string
  readonly out?: string
}

export interface VerifyBundleOptions {
  readonly key: readonly string[]
  readonly name?: string
}

export interface InspectBundleOptions {
  readonly key?: readonly string[]
  readonly json?: boolean
}

/** The public key goes to standard output alone, so that it can be piped to where services read it. */
export function runKeygen({ out, jwk = false }: KeygenOptions, io: CliIo): ExitCode {
  const path = resolve(io.cwd, out)
  const { id, privatePem, publicPem } = generateBundleKey()
  writeNewSecret(path, privatePem, show(path, io))
  say(
    io.stdout,
    jwk ? JSON.stringify(toPublicJwk(createPublicKey(publicPem)), undefined, 2) : publicPem.trimEnd(),
  )
  say(
    io.stderr,
    `Key ${id}. Whoever has ${show(path, io)} can sign; services need what is on standard output.`,
  )
  return EXIT.ok
}

export async function runSignBundle(file: string, options: SignBundleOptions, io: CliIo): Promise<ExitCode> {
  const path = resolve(io.cwd, file)
  const out = options.out === undefined ? path : resolve(io.cwd, options.out)
  const signer = readBundleSigner(resolve(io.cwd, options.key), options.key)
  const bytes = await readBundleFile(path, file)
  // What is signed is answered for.
  loadBundle(openUnverified(bytes))
  writeFileAtomically(out, signBundle(bytes, signer))
  say(io.stdout, `${show(out, io)}: signed with the key ${signer.id}`)
  return EXIT.ok
}

export async function runVerifyBundle(
  file: string,
  options: VerifyBundleOptions,
  io: CliIo,
): Promise<ExitCode> {
  const keys = readKeys(options.key, io)
  const bytes = await readBundleFile(resolve(io.cwd, file), file)
  try {
    const verified = verifyBundle(bytes, keys)
    checkTerms(verified.manifest, options.name ?? verified.manifest.name, Date.now())
    loadBundle(verified)
    printManifest(verified.manifest, bytes.length, io)
    say(io.stdout, `verified: signed with the key ${verified.keyId}, and all of it loads`)
    return EXIT.ok
  } catch (error) {
    return refuse(error, file, io)
  }
}

/** Nothing that it shows is to be trusted unless it says so. */
export async function runInspectBundle(
  file: string,
  options: InspectBundleOptions,
  io: CliIo,
): Promise<ExitCode> {
  const keys = options.key === undefined ? undefined : readKeys(options.key, io)
  const bytes = await readBundleFile(resolve(io.cwd, file), file)
  const opened = openUnverified(bytes)
  const verdict = findVerdict(bytes, keys)
  const counts = countContent(opened)
  if (options.json === true) {
    const { isVerified, sentence } = verdict
    const shown = {
      verified: isVerified,
      detail: sentence,
      bytes: bytes.length,
      manifest: opened.manifest,
      counts,
    }
    say(io.stdout, JSON.stringify(shown, undefined, 2))
  } else {
    say(io.stdout, visible(verdict.sentence))
    printManifest(opened.manifest, bytes.length, io)
    say(io.stdout, typeof counts === 'string' ? visible(counts) : describeCounts(counts))
  }
  return keys !== undefined && !verdict.isVerified ? EXIT.no : EXIT.ok
}

interface Verdict {
  readonly isVerified: boolean
  readonly sentence: string
}

function findVerdict(bytes: Uint8Array, keys: BundleKeys | undefined): Verdict {
  const claimed = readSealKeyId(splitBundle(bytes).seal)
  if (keys === undefined) {
    const claim = claimed === undefined ? 'nobody signed it' : `it says that the key ${claimed} signed it`
    return { isVerified: false, sentence: `NOT VERIFIED: ${claim}, and no --key was given to check that` }
  }
  try {
    return { isVerified: true, sentence: `verified: signed with the key ${verifyBundle(bytes, keys).keyId}` }
  } catch (error) {
    if (!(error instanceof PdpServerError)) throw error
    return { isVerified: false, sentence: `NOT VERIFIED: ${error.message}` }
  }
}

/** By kind, or why it does not load. */
function countContent(opened: OpenBundle): Readonly<Record<string, number>> | string {
  try {
    return loadBundle(opened).state.counts ?? {}
  } catch (error) {
    if (!(error instanceof PdpServerError)) throw error
    return `does not load: ${error.message}`
  }
}

function describeCounts({
  rules = 0,
  roles = 0,
  entities = 0,
  assignments = 0,
}: Readonly<Record<string, number>>) {
  return [
    count(rules, 'rule'),
    count(roles, 'role'),
    count(entities, 'entity', 'entities'),
    count(assignments, 'assignment'),
  ].join(', ')
}

function printManifest(manifest: BundleManifest, bytes: number, io: CliIo): void {
  const row = (title: string, text: string) => say(io.stdout, `${title.padEnd(10)}${visible(text)}`)
  row('name', manifest.name)
  row('serial', String(manifest.serial))
  row('created', manifest.created)
  row('ends', manifest.notAfter ?? 'never')
  row('key', manifest.keyId ?? 'none')
  row('policies', `${manifest.policyVersion} (${count(manifest.programBytes, 'byte')})`)
  const { dataVersion, dataBytes } = manifest
  row('data', dataVersion === undefined ? 'none' : `${dataVersion} (${count(dataBytes, 'byte')})`)
  row('size', count(bytes, 'byte'))
}

function refuse(error: unknown, file: string, io: CliIo): ExitCode {
  if (!(error instanceof PdpServerError) || error.code !== 'bad-bundle') throw error
  say(io.stderr, `${file} is refused: ${visible(error.message)}`)
  return EXIT.no
}

/** Never over another file, and readable for its owner alone from the first byte on. */
function writeNewSecret(path: string, text: string, shownAs: string): void {
  try {
    const file = openSync(path, 'wx', 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    const detail =
      code === 'EEXIST' ? 'is there already: a key is never written over' : `cannot be written (${code})`
    throw new PdpServerError('unwritable-file', `${shownAs} ${detail}`, { cause })
  }
}

function readKeys(paths: readonly string[], io: CliIo): BundleKeys {
  return readBundleKeys(
    paths.map((path) => resolve(io.cwd, path)),
    (path) => show(path, io),
  )
}
