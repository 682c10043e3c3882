// The configuration: one schema for file, environment and flags. Flags win over the environment, that over the file,
// that over the defaults; every complaint says where the value came from.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { suggestName } from '@edict/policy-lang'
import { z } from 'zod'
import {
  AUTHENTICATION_PATHS,
  authenticationShape,
  resolveIssuerPaths,
} from './authentication/auth-config.ts'
import { AUTHZEN_PATHS, authzenShape } from './authzen/authzen-config.ts'
import { BUNDLE_PATHS, bundleShape, hasBundle } from './bundle/bundle-config.ts'
import { text, whole, yesOrNo } from './config-values.ts'
import { DEFAULT_BATCH_STEP_BUDGET } from './decide/pdp.ts'
import { decisionCacheShape } from './decision-cache/cache-config.ts'
import { DECISION_LOG_PATHS, decisionLogShape } from './decision-log/log-config.ts'
import { ENTITY_STORE_PATHS, entityStoreShape } from './entity-store/entity-store-config.ts'
import { PdpServerError } from './errors.ts'
import { isDirectory } from './files/find-files.ts'
import { readTextFile } from './files/read-text-file.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { SEARCH_PATHS, searchShape } from './search/search-config.ts'
import { SOURCE_PATHS, sourceShape } from './sources/source-config.ts'
import { LOG_LEVELS } from './telemetry/log.ts'
import { telemetryShape } from './telemetry/telemetry-config.ts'
import { toJsonPath } from './wire/json-path.ts'
import { parseJson } from './wire/parse-json.ts'
import { isJsonObject } from './wire/read-body.ts'
import { workersShape } from './workers/workers-config.ts'

const MAX_BODY_BYTES = 64 * 1024 * 1024
const MAX_MS = 600_000

const schema = z.object({
  host: text('a host name or address')
    .default('127.0.0.1')
    .describe(
      'Address to listen on. One that others can reach needs callers to be authenticated: `keyFile`.',
    ),
  port: whole(0, 65_535).default(8181).describe('Port to listen on; `0` takes a free one and prints it.'),
  policies: text('a folder').default('policies/documents').describe('Folder of `*.edict` files.'),
  data: text('a folder')
    .optional()
    .describe(
      'Folder of `*.json` files with entity data. Default: `data` in `policies`, where there is one.',
    ),
  ...entityStoreShape,
  ...sourceShape,
  ...bundleShape,
  publicUrl: z
    .string()
    .refine(isPublicUrl, { error: 'must be an https address without query, fragment or credentials' })
    .optional()
    .describe('The https address under which others know the service. Turns AuthZEN metadata on.'),
  ...authzenShape,
  ...authenticationShape,
  insecureNoAuth: yesOrNo
    .default(false)
    .describe('Listen where others can reach the service, although callers are not authenticated.'),
  logLevel: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('warn')
    .describe('What goes to the log (JSON lines on standard error).'),
  accessLog: yesOrNo.default(false).describe('Log each request, without body and headers.'),
  ...decisionLogShape,
  ...telemetryShape,
  ...decisionCacheShape,
  ...workersShape,
  maxBodyBytes: whole(1, MAX_BODY_BYTES)
    .default(DEFAULT_LIMITS.maxBodyBytes)
    .describe('A larger body is refused (413).'),
  maxDepth: whole(1, 1000)
    .default(DEFAULT_LIMITS.maxDepth)
    .describe('A deeper nested body is refused (400).'),
  maxBatchLength: whole(1, 100_000)
    .default(DEFAULT_LIMITS.maxBatchLength)
    .describe('A batch of more questions is refused (400).'),
  maxListLength: whole(1, 1_000_000)
    .default(DEFAULT_LIMITS.maxListLength)
    .describe('A question with more `entities`, `roles` or `parents` is refused (400).'),
  stepBudget: whole(1, 1_000_000_000)
    .default(1_000_000)
    .describe('Steps after which one decision ends as a deny with reason `budgetExceeded`.'),
  batchStepBudget: whole(1, 1_000_000_000)
    .default(DEFAULT_BATCH_STEP_BUDGET)
    .describe('Steps that all questions of a batch have together; the rest of them are denied like that.'),
  ...searchShape,
  requestTimeoutMs: whole(100, MAX_MS)
    .default(30_000)
    .describe(
      'How long a request may take to come in; its head, a third of that. Slower senders are closed.',
    ),
  maxConnections: whole(1, 1_000_000)
    .default(10_000)
    .describe('Connections beyond these are closed at once.'),
  stopTimeoutMs: whole(0, MAX_MS)
    .default(10_000)
    .describe('How long requests in flight may take when the service stops.'),
})

export type ConfigKey = keyof typeof schema.shape
export type Config = z.infer<typeof schema> & {
  /** The file that was read, if any. */
  readonly file?: string
  /** What somebody said; all else is a default. */
  readonly given: ReadonlySet<ConfigKey>
}

const CONFIG_KEYS = Object.keys(schema.shape) as readonly ConfigKey[]
export const CONFIG_FILE = 'edict.config.json'

/** What people need to know of a key; help and README are made of it. */
export interface ConfigKeyInfo {
  readonly key: ConfigKey
  readonly variable: string
  readonly flag: string
  readonly kind: 'text' | 'number' | 'switch'
  readonly defaultValue: unknown
  readonly description: string
}

const DEFAULTS: Partial<z.infer<typeof schema>> = schema.parse({})

export const CONFIG_TABLE: readonly ConfigKeyInfo[] = CONFIG_KEYS.map((key) => {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ')
  const defaultValue = DEFAULTS[key]
  return {
    key,
    variable: `EDICT_${words.join('_').toUpperCase()}`,
    flag: `--${words.join('-')}`,
    kind: typeof defaultValue === 'number' ? 'number' : typeof defaultValue === 'boolean' ? 'switch' : 'text',
    defaultValue: Array.isArray(defaultValue) && defaultValue.length === 0 ? undefined : defaultValue,
    description: schema.shape[key].description ?? '',
  }
})

export interface ConfigInput {
  /** By key, as text or `true`; undefined where not given. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** A file that must be there. Default: `edict.config.json`, where there is one. */
  readonly file?: string | undefined
}

/** A value and where it came from. */
interface Given {
  readonly key: ConfigKey
  readonly value: unknown
  readonly from: string
  /** What relative paths start at. */
  readonly base: string
}

const PATH_KEYS: ReadonlySet<ConfigKey> = new Set([
  'policies',
  'data',
  ...SOURCE_PATHS,
  ...BUNDLE_PATHS,
  ...AUTHZEN_PATHS,
  ...AUTHENTICATION_PATHS,
  ...DECISION_LOG_PATHS,
  ...SEARCH_PATHS,
  ...ENTITY_STORE_PATHS,
])

const ISSUER_KEYS: ReadonlySet<ConfigKey> = new Set(['callerIssuers', 'subjectIssuers'])

/** Puts the configuration together. Throws `PdpServerError` `bad-configuration` with all that is wrong. */
export function loadConfig(input: ConfigInput): Config {
  const complaints: string[] = []
  const file = findFile(input)
  const values: Partial<Record<ConfigKey, unknown>> = {}
  const said = [
    ...(file === undefined ? [] : readFile(file, complaints)),
    ...readEnvironment(input, complaints),
    ...readFlags(input),
  ]
  const all = [
    ...CONFIG_KEYS.map((key) => ({ key, value: DEFAULTS[key], from: 'default', base: input.cwd })),
    ...said,
  ]
  for (const given of all) {
    const value = checkValue(given, complaints)
    if (value !== undefined) values[given.key] = value
  }
  if (complaints.length > 0) throw new PdpServerError('bad-configuration', complaints.join('\n'))
  const config = schema.parse(values)
  // A store and a bundle bring entity data themselves.
  const isFolder = config.entityStore === undefined && !hasBundle(config)
  const data = config.data ?? (isFolder ? defaultData(config.policies) : undefined)
  return {
    ...config,
    ...(data !== undefined && { data }),
    ...(file !== undefined && { file }),
    given: new Set(said.map(({ key }) => key)),
  }
}

/** `data` in the folder of policies, where there is one. */
export function defaultData(policies: string): string | undefined {
  const data = join(policies, 'data')
  return isDirectory(data) ? data : undefined
}

function checkValue({ key, value, from, base }: Given, complaints: string[]): unknown {
  if (value === undefined) return undefined
  const result = schema.shape[key].safeParse(value)
  if (!result.success) {
    const got = JSON.stringify(value)?.slice(0, 60) ?? String(value)
    const { path = [], message = 'is wrong' } = result.error.issues[0] ?? {}
    const where = ISSUER_KEYS.has(key) ? toJsonPath(path).slice(1) : ''
    complaints.push(`${from}: \`${key}${where}\` ${message}, not ${got}`)
    return undefined
  }
  if (ISSUER_KEYS.has(key)) return resolveIssuerPaths(result.data, (path) => resolve(base, path))
  return PATH_KEYS.has(key) ? resolvePaths(result.data, base) : result.data
}

function resolvePaths(value: unknown, base: string): unknown {
  return Array.isArray(value)
    ? value.map((path) => resolve(base, String(path)))
    : resolve(base, String(value))
}

function findFile({ file, env, cwd }: ConfigInput): string | undefined {
  const named = file ?? (env.EDICT_CONFIG || undefined)
  if (named === undefined) {
    const standard = resolve(cwd, CONFIG_FILE)
    return existsSync(standard) ? standard : undefined
  }
  const path = resolve(cwd, named)
  if (!existsSync(path)) {
    const from = file === undefined ? 'EDICT_CONFIG' : '--config'
    throw new PdpServerError('bad-configuration', `${from}: there is no file ${named}`)
  }
  return path
}

function readFile(file: string, complaints: string[]): readonly Given[] {
  const parsed = parseJson(readTextFile(file), 8)
  if ('fault' in parsed) {
    complaints.push(`${file}: ${parsed.fault.path} ${parsed.fault.detail}`)
    return []
  }
  if (!isJsonObject(parsed.value)) {
    complaints.push(`${file}: must hold an object`)
    return []
  }
  const given: Given[] = []
  for (const [name, value] of Object.entries(parsed.value)) {
    const key = CONFIG_KEYS.find((known) => known === name)
    if (key !== undefined) given.push({ key, value, from: file, base: dirname(file) })
    else complaints.push(`${file}: there is no \`${name}\`${didYouMean(name, CONFIG_KEYS)}`)
  }
  return given
}

/**
 * Variables of other names are refused only where they look like slips: a platform sets some of its own, such as
 * `EDICT_SERVICE_HOST` for a Kubernetes service named `edict`.
 */
function readEnvironment({ env, cwd }: ConfigInput, complaints: string[]): readonly Given[] {
  const known = ['EDICT_CONFIG', ...CONFIG_TABLE.map(({ variable }) => variable)]
  for (const name of Object.keys(env)) {
    if (!name.startsWith('EDICT_') || known.includes(name) || KUBERNETES_NAME.test(name)) continue
    const hint = didYouMean(name, known)
    if (hint !== '') complaints.push(`environment: there is no \`${name}\`${hint}`)
  }
  return CONFIG_TABLE.flatMap((info): readonly Given[] => {
    const value = env[info.variable]
    if (value === undefined || value === '' || isKubernetesPort(info, value)) return []
    return [{ key: info.key, value: fromText(info, value), from: info.variable, base: cwd }]
  })
}

const KUBERNETES_NAME = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_/

/** Kubernetes tells every pod beside services named `edict` and `edict-metrics` where these are, in such variables. */
function isKubernetesPort({ key }: ConfigKeyInfo, value: string): boolean {
  return (key === 'port' || key === 'metricsPort') && /^(tcp|udp|sctp):\/\//.test(value)
}

function readFlags({ flags, cwd }: ConfigInput): readonly Given[] {
  return CONFIG_TABLE.flatMap((info): readonly Given[] => {
    const value = flags[info.key]
    if (value === undefined) return []
    return [{ key: info.key, value: fromText(info, value), from: info.flag, base: cwd }]
  })
}

/** A text that does not fit stays a text, and the schema complains about it. */
function fromText({ kind }: ConfigKeyInfo, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (kind === 'number') return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (kind === 'switch')
    return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value
  return value
}

function didYouMean(name: string, known: readonly string[]): string {
  const near = suggestName(name, known)
  return near === undefined ? '' : `; did you mean \`${near}\`?`
}

function isPublicUrl(value: string): boolean {
  // A bare `?` or `#` and blanks around are lost in parsing, and would stand in every endpoint made of the address.
  if (!URL.canParse(value) || /[?#\s]/.test(value)) return false
  const { protocol, search, hash, username, password } = new URL(value)
  return protocol === 'https:' && search === '' && hash === '' && username === '' && password === ''
}
