// The enforcement point's side: asks a decision point over HTTP. INVARIANT: the only way to an allow is an answer
// that says exactly so; every failure on the way is a deny that carries an error.
import { createPdpAdmin, type PdpAdmin } from './admin.ts'
import { PdpClientError, toPdpClientError } from './errors.ts'
import { toJsonText } from './json-text.ts'
import { pickBatch, pickRequest, type Question } from './pick-request.ts'
import { readAnswer, readBatch, readBatchItem } from './read-answer.ts'
import { type SearchCall, type SearchKind, searchPages } from './search.ts'
import type {
  ActionSearch,
  FoundAction,
  FoundEntity,
  ResourceSearch,
  SearchOptions,
  SearchPages,
  SubjectSearch,
} from './search-types.ts'
import { type HeadersOption, postJson } from './transport.ts'
import type {
  Answer,
  DecisionRequest,
  JsonObject,
  RequestAction,
  RequestEntity,
  RequestSubject,
  TokenRequest,
} from './types.ts'

/** How to reach the decision point, and how far to trust the way there. */
export interface PdpClientOptions {
  /** Where the decision point stands, such as `http://127.0.0.1:8181`; a path is kept as a prefix. */
  readonly url: string | URL
  /** Sent with each request, such as `Authorization`. Default: none. */
  readonly headers?: HeadersOption
  /** For the whole exchange, headers and body included. Default 1,000 ms. */
  readonly timeoutMs?: number
  /** A longer body is refused. Default 1 MiB. */
  readonly maxResponseBytes?: number
  /** Obligations that this application carries out. An allow with any other is a deny. Default: none. */
  readonly understoodObligations?: readonly string[]
  /**
   * Makes the `X-Request-ID` that the answer must carry too (AuthZEN 1.0 §10.1.3). Default: a random UUID;
   * `false` sends and checks none, for proxies that drop it.
   */
  readonly requestId?: (() => string) | false
  /** Default: the global one. */
  readonly fetch?: typeof fetch
}

/** For one question; what is left out comes from the client's options. */
export interface DecideOptions {
  /** Gives the question up; the answer is then a deny. */
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly understoodObligations?: readonly string[]
  /** Data that the decision must rest on at least, such as the `number` of a write. Where there is none yet: a deny. */
  readonly minDataNumber?: number
}

/**
 * The decision point's answer, or a deny with `error` where there is none that may be used. Without an answer the
 * lists are empty and `policyVersion` is `""`; an allow that was turned into a deny for its obligations keeps them.
 */
export interface ClientAnswer extends Answer {
  readonly error?: PdpClientError
}

/** Asks one decision point. All methods may be used detached. */
export interface PdpClient {
  /** The answer to one question. Never rejects: a failure is a deny with `error`. */
  readonly decide: (request: DecisionRequest | TokenRequest, options?: DecideOptions) => Promise<ClientAnswer>
  /**
   * The answers to many questions, in their order and number, in one exchange. Never rejects: what is no array is
   * answered with one deny, so that `every` does not take it for a list of nothing but allows. Where one question brings
   * a token, all must bring the same.
   */
  readonly decideMany: (
    requests: readonly (DecisionRequest | TokenRequest)[],
    options?: DecideOptions,
  ) => Promise<readonly ClientAnswer[]>
  /** Whether the subject may: true for an allow whose obligations are all understood. Never rejects. */
  readonly can: CanFunction
  /**
   * Who may do it, of the entities that the decision point holds. All searches are lazy, may be iterated again, and
   * throw where a page cannot be had: an empty list would say that there is nothing.
   */
  readonly searchSubjects: (request: SubjectSearch, options?: SearchOptions) => SearchPages<FoundEntity>
  /** On what the subject may do it. */
  readonly searchResources: (request: ResourceSearch, options?: SearchOptions) => SearchPages<FoundEntity>
  /** What the subject may do with the resource, actions taken without arguments. */
  readonly searchActions: (request: ActionSearch, options?: SearchOptions) => SearchPages<FoundAction>
  /** Writes entity data, where the decision point has an `entityStore`; for callers with the scope `admin`. */
  readonly admin: PdpAdmin
}

/** As parts, or as one request. An action without properties may be its name. `{ token }` stands for a subject. */
export interface CanFunction {
  (
    subject: RequestSubject | SubjectToken,
    action: string | RequestAction,
    resource: RequestEntity,
    context?: JsonObject,
    options?: DecideOptions,
  ): Promise<boolean>
  (request: DecisionRequest | TokenRequest, options?: DecideOptions): Promise<boolean>
}

/** The end user, as their token names them. */
export type SubjectToken = Pick<TokenRequest, 'token'> & { readonly type?: never }

const DEFAULT_OPTIONS = {
  timeoutMs: 1000,
  maxResponseBytes: 1024 * 1024,
} as const

/**
 * A client for the decision point at `url`.
 * Throws `PdpClientError` with code `bad-configuration` for options that cannot work.
 *
 * @example
 * ```ts
 * const pdp = createPdpClient({ url: 'http://127.0.0.1:8181' })
 * if (await pdp.can({ type: 'User', id: 'ann' }, 'read', { type: 'Document', id: 'd1' })) {
 *   // …
 * }
 * ```
 */
export function createPdpClient(options: PdpClientOptions): PdpClient {
  const settings = readOptions(options)

  async function askAt(path: string, body: () => unknown, call: CallOptions): Promise<unknown> {
    return postJson(writeBody(body), {
      ...settings,
      endpoint: endpointAt(settings.base, path),
      requestId: settings.makeRequestId?.(),
      timeoutMs: checkTimeout(call.timeoutMs ?? settings.timeoutMs, 'malformed-request'),
      signal: call.signal,
      extraHeaders: { ...toMinimum(call.minDataNumber), ...call.extraHeaders },
    })
  }
  const ask = (body: () => unknown, call: DecideOptions): Promise<unknown> => askAt('decide', body, call)
  const understood = (call: CallOptions): readonly string[] =>
    call.understoodObligations ?? settings.understoodObligations

  async function decide(request: Question, call: DecideOptions = {}): Promise<ClientAnswer> {
    try {
      return requireUnderstood(readAnswer(await ask(() => pickRequest(request), call)), understood(call))
    } catch (error) {
      return denyBecause(error)
    }
  }

  async function decideMany(
    requests: readonly Question[],
    call: DecideOptions = {},
  ): Promise<readonly ClientAnswer[]> {
    if (!Array.isArray(requests)) {
      return [denyBecause(new PdpClientError('malformed-request', '`requests` must be an array'))]
    }
    // A copy without holes: `map` and `every` go past those.
    const questions: readonly Question[] = Array.from(requests)
    if (questions.length === 0) return []
    try {
      const body = await ask(() => pickBatch(questions), call)
      return readBatch(body, questions.length).map((item) => readOne(item, understood(call)))
    } catch (error) {
      return questions.map(() => denyBecause(error))
    }
  }

  const can: CanFunction = async (...args: CanArguments) => {
    try {
      const [request, call] = toRequest(args)
      const answer = await decide(request, call)
      return answer.decision === 'allow' && answer.error === undefined
    } catch {
      return false
    }
  }
  const search =
    <T>(kind: SearchKind) =>
    (request: SearchCall['request'], call: SearchOptions = {}): SearchPages<T> =>
      searchPages(askAt, { kind, request, options: call, understood: understood(call) })
  return {
    decide,
    decideMany,
    can,
    searchSubjects: search<FoundEntity>('subject'),
    searchResources: search<FoundEntity>('resource'),
    searchActions: search<FoundAction>('action'),
    admin: createPdpAdmin((path, body, call) => askAt(path, body, call)),
  }
}

interface CallOptions extends DecideOptions {
  readonly extraHeaders?: Readonly<Record<string, string>>
}

function toMinimum(number: number | undefined): Readonly<Record<string, string>> {
  if (number === undefined) return {}
  if (Number.isSafeInteger(number) && number >= 0) return { 'edict-min-data-number': String(number) }
  throw new PdpClientError('malformed-request', '`minDataNumber` must be a whole number')
}

type RequestArguments = [request: Question, options?: DecideOptions | undefined]
type PartArguments = [
  subject: RequestSubject | SubjectToken,
  action: string | RequestAction,
  resource: RequestEntity,
  context?: JsonObject | undefined,
  options?: DecideOptions | undefined,
]
type CanArguments = RequestArguments | PartArguments

function toRequest(args: CanArguments): RequestArguments {
  if (isRequest(args)) return args
  const [subject, action, resource, context, options] = args
  const request = {
    ...toWhom(subject),
    action: typeof action === 'string' ? { name: action } : action,
    resource,
    ...(context === undefined ? {} : { context }),
  } as Question
  return [request, options]
}

/** Whoever says both says it twice: that is refused below. */
function toWhom(subject: RequestSubject | SubjectToken): object {
  if (!('token' in subject)) return { subject }
  return 'type' in subject ? { token: subject.token, subject } : { token: subject.token }
}

function isRequest(args: CanArguments): args is RequestArguments {
  return args.length <= 2
}

function writeBody(body: () => unknown): string {
  try {
    return toJsonText(body())
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    throw toPdpClientError(error, 'malformed-request', `the request cannot be written as JSON: ${why}`)
  }
}

function readOne(item: unknown, understood: readonly string[]): ClientAnswer {
  try {
    return requireUnderstood(readBatchItem(item), understood)
  } catch (error) {
    return denyBecause(error)
  }
}

/** An obligation that nobody carries out is a condition of the allow that is not met. */
function requireUnderstood(answer: Answer, understood: readonly string[]): ClientAnswer {
  if (answer.decision !== 'allow') return answer
  const unknown = answer.obligations.find((obligation) => !understood.includes(obligation.name))
  if (unknown === undefined) return answer
  const message = `the allow carries the obligation \`${unknown.name}\`, which is not among \`understoodObligations\``
  return { ...answer, decision: 'deny', error: new PdpClientError('obligation-not-understood', message) }
}

function denyBecause(error: unknown): ClientAnswer {
  return {
    decision: 'deny',
    reasons: [],
    obligations: [],
    advice: [],
    errors: [],
    errorCount: 0,
    policyVersion: '',
    cacheable: false,
    error: toPdpClientError(error, 'malformed-request', 'the request could not be sent'),
  }
}

function readOptions(options: PdpClientOptions) {
  const maxResponseBytes = options.maxResponseBytes ?? DEFAULT_OPTIONS.maxResponseBytes
  if (!(maxResponseBytes > 0)) throw badConfiguration('`maxResponseBytes` must be above 0')
  const requestId = options.requestId ?? (() => crypto.randomUUID())
  return {
    base: readBase(options.url),
    fetch: options.fetch ?? ((input: string | URL | Request, init?: RequestInit) => fetch(input, init)),
    headers: options.headers ?? {},
    timeoutMs: checkTimeout(options.timeoutMs ?? DEFAULT_OPTIONS.timeoutMs, 'bad-configuration'),
    maxResponseBytes,
    understoodObligations: [...(options.understoodObligations ?? [])],
    makeRequestId: requestId === false ? undefined : requestId,
  }
}

/** setTimeout takes 32 bits: what is larger would fire at once. */
function checkTimeout(timeoutMs: number, code: 'bad-configuration' | 'malformed-request'): number {
  if (timeoutMs > 0 && timeoutMs <= 2 ** 31 - 1) return timeoutMs
  throw new PdpClientError(code, '`timeoutMs` must be above 0 and at most 2147483647')
}

/** Without a slash at the end of its path. */
function readBase(url: string | URL): URL {
  const base = URL.parse(String(url))
  if (base === null || !['http:', 'https:'].includes(base.protocol)) {
    throw badConfiguration('`url` is no http or https URL')
  }
  if (base.username !== '' || base.password !== '') {
    throw badConfiguration('`url` holds credentials: send them with `headers`')
  }
  if (base.search !== '' || base.hash !== '') throw badConfiguration('`url` has a query or a fragment')
  base.pathname = base.pathname.replace(/\/+$/, '')
  return base
}

function endpointAt(base: URL, path: string): URL {
  const endpoint = new URL(base)
  endpoint.pathname = `${base.pathname.replace(/\/+$/, '')}/${path}`
  return endpoint
}

function badConfiguration(message: string): PdpClientError {
  return new PdpClientError('bad-configuration', message)
}
