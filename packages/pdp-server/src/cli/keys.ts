// `edict keys`: makes, lists, rotates and revokes the API keys of callers.
import { resolve } from 'node:path'
import { ENVIRONMENT_PATTERN } from '../authentication/api-key.ts'
import { isScope, SCOPES, type Scope } from '../authentication/caller.ts'
import { KEY_FILE_CHECK_MS } from '../authentication/follow-file.ts'
import { addKey, changeKeyFile, type IssuedKey, revokeKeys, rotateKey } from '../authentication/issue-keys.ts'
import { KEY_NAME_PATTERN, type KeyRecord, readKeyFile, statusOfKey } from '../authentication/key-file.ts'
import { defaultKeyUseFile, readKeyUse } from '../authentication/key-use.ts'
import { loadConfig } from '../config.ts'
import { PdpServerError } from '../errors.ts'
import { type CliIo, count, EXIT, type ExitCode, say } from './io.ts'
import { show } from './policy-paths.ts'
import { readDuration, readExpiry } from './read-when.ts'

export interface KeyFileOptions {
  readonly file?: string
}

export interface CreateKeyOptions extends KeyFileOptions {
  readonly scopes: string
  readonly expires: string
  readonly environment?: string
}

export interface RotateKeyOptions extends KeyFileOptions {
  readonly grace: string
  readonly expires: string
  readonly environment?: string
}

export interface ListKeysOptions extends KeyFileOptions {
  readonly json?: boolean
}

/** The key goes to standard output alone, so that it can be piped to where it is kept; all else to standard error. */
export async function runCreateKey(name: string, options: CreateKeyOptions, io: CliIo): Promise<ExitCode> {
  const { path, environment } = locate(options, io)
  const now = Date.now()
  const wanted = {
    name: checkName(name),
    environment: checkEnvironment(environment),
    scopes: readScopes(options.scopes),
    expiresAt: readExpiry(options.expires, now),
  }
  const issued = await changeKeyFile(path, (keys) => addKey(keys, wanted, now))
  printIssued(issued, path, io)
  return EXIT.ok
}

export async function runRotateKey(name: string, options: RotateKeyOptions, io: CliIo): Promise<ExitCode> {
  const { path, environment } = locate(options, io)
  const now = Date.now()
  const rotation = {
    name,
    environment,
    graceMs: readDuration(options.grace, '--grace'),
    expiresAt: readExpiry(options.expires, now),
  }
  const issued = await changeKeyFile(path, (keys) => rotateKey(keys, rotation, now))
  printIssued(issued, path, io)
  say(io.stderr, `The old key, ${issued.old.id}, counts until ${issued.old.expiresAt}.`)
  return EXIT.ok
}

export async function runRevokeKey(idOrName: string, options: KeyFileOptions, io: CliIo): Promise<ExitCode> {
  const { path } = locate(options, io)
  const revoked = await changeKeyFile(path, (keys) => revokeKeys(keys, idOrName, Date.now()))
  for (const { id, name } of revoked) say(io.stdout, `revoked ${id} of ${name}`)
  say(
    io.stderr,
    `Services that read ${show(path, io)} refuse ${revoked.length === 1 ? 'it' : 'them'} within ${KEY_FILE_CHECK_MS} ms.`,
  )
  return EXIT.ok
}

export function runListKeys(options: ListKeysOptions, io: CliIo): ExitCode {
  const { path, useFile } = locate(options, io)
  const use = readKeyUse(useFile)
  const now = Date.now()
  const keys = readKeyFile(path).map((record) => describe(record, use.get(record.id), now))
  if (options.json === true) {
    say(io.stdout, JSON.stringify({ keys }, undefined, 2))
    return EXIT.ok
  }
  const rows = keys.map(({ id, name, environment, scopes, status, expiresAt, lastUsedAt }) => [
    id,
    name,
    environment,
    scopes.join(',') || 'none',
    status,
    expiresAt?.slice(0, 16) ?? 'never',
    lastUsedAt?.slice(0, 16) ?? 'never',
  ])
  printTable([['ID', 'NAME', 'ENVIRONMENT', 'SCOPES', 'STATUS', 'EXPIRES', 'LAST USED'], ...rows], io)
  say(io.stderr, `${count(keys.length, 'key')} in ${show(path, io)}`)
  return EXIT.ok
}

/** All of a record but its hash. */
function describe(record: KeyRecord, usedAt: number | undefined, now: number) {
  const { hash: _, ...rest } = record
  return {
    ...rest,
    status: statusOfKey(record, now),
    ...(usedAt !== undefined && { lastUsedAt: new Date(usedAt).toISOString() }),
  }
}

function printIssued({ record, text }: IssuedKey, path: string, io: CliIo): void {
  const { id, name, environment, scopes, expiresAt } = record
  say(io.stdout, text)
  say(io.stderr, `Key ${id} of ${name} (${environment}) may: ${scopes.join(', ')}.`)
  say(io.stderr, `It ${expiresAt === undefined ? 'never expires' : `expires at ${expiresAt}`}.`)
  say(io.stderr, `It is shown this once: ${show(path, io)} holds its hash alone.`)
}

function printTable(rows: readonly (readonly string[])[], io: CliIo): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of rows) {
    say(
      io.stdout,
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
}

interface KeyPlace {
  readonly path: string
  readonly useFile: string
  readonly environment: string
}

function locate(options: KeyFileOptions & { readonly environment?: string }, io: CliIo): KeyPlace {
  const config = loadConfig({ flags: {}, env: io.env, cwd: io.cwd })
  const path = options.file === undefined ? config.keyFile : resolve(io.cwd, options.file)
  if (path === undefined) {
    throw new PdpServerError('malformed-request', 'name the key file with --file, or configure `keyFile`')
  }
  return {
    path,
    useFile: config.keyUseFile ?? defaultKeyUseFile(path),
    environment: options.environment ?? config.keyEnvironment,
  }
}

function readScopes(text: string): readonly Scope[] {
  const names = text.split(',').map((name) => name.trim())
  const scopes = names.filter(isScope)
  if (scopes.length === names.length) return scopes
  throw new PdpServerError(
    'malformed-request',
    `--scopes must name some of ${SCOPES.join(', ')}, not ${text}`,
  )
}

function checkName(name: string): string {
  if (KEY_NAME_PATTERN.test(name)) return name
  const detail =
    'a name has letters, digits, dots, dashes and underscores, at most 64, and begins with one of the first two'
  throw new PdpServerError('malformed-request', detail)
}

function checkEnvironment(environment: string): string {
  if (ENVIRONMENT_PATTERN.test(environment)) return environment
  const detail = 'an environment has lower-case letters and digits, at most 16, and begins with a letter'
  throw new PdpServerError('malformed-request', detail)
}
