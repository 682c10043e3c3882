// One POST with every limit that a caller who must fail closed needs: time, size, status, type, no redirects.
// In: a JSON text. Out: the parsed body of a 200, or a PdpClientError. Knows nothing of decisions.
import { PdpClientError, toPdpClientError } from './errors.ts'
import { parseJsonText } from './json-text.ts'
import { describeProblem } from './read-answer.ts'

/** Headers to send along: fixed, or made anew for each request. */
export type HeadersOption =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

export interface TransportOptions {
  readonly endpoint: URL
  readonly fetch: typeof fetch
  readonly headers: HeadersOption
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  /** Sent besides, whatever `headers` says. */
  readonly extraHeaders?: Readonly<Record<string, string>> | undefined
  /** Undefined: neither sent nor checked. */
  readonly requestId: string | undefined
  readonly signal: AbortSignal | undefined
}

/** The JSON body of the answer. Throws `PdpClientError`, and nothing else. */
export async function postJson(body: string, options: TransportOptions): Promise<unknown> {
  const abort = new AbortController()
  const { requestId, signal, timeoutMs } = options
  const details = requestId === undefined ? {} : { requestId }
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  const stopWith = (error: PdpClientError): void => {
    stop(error)
    abort.abort(error)
  }
  const onAbort = (): void =>
    stopWith(
      new PdpClientError('aborted', 'the caller gave the request up', { ...details, cause: signal?.reason }),
    )
  const timer = setTimeout(
    () => stopWith(new PdpClientError('timeout', `no answer within ${timeoutMs} ms`, details)),
    timeoutMs,
  )
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  try {
    // A race, and not the signal alone: a `fetch` of one's own may not heed it.
    return await Promise.race([stopped, exchange(body, options, abort.signal)])
  } catch (error) {
    throw toPdpClientError(error, 'network', 'the decision point could not be reached', details)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    // Whatever is still open after a failure is closed; after success there is nothing left.
    abort.abort()
  }
}

async function exchange(body: string, options: TransportOptions, signal: AbortSignal): Promise<unknown> {
  const headers = await buildHeaders(options)
  signal.throwIfAborted()
  const response = await options.fetch(options.endpoint, {
    method: 'POST',
    headers,
    body,
    // A redirect would carry the question, and perhaps credentials, to a place nobody configured.
    redirect: 'manual',
    signal,
  })
  if (response.status !== 200) throw await describeFailure(response, options)
  checkHead(response, options)
  const text = await readText(response, options.maxResponseBytes)
  try {
    return parseJsonText(text)
  } catch (error) {
    throw toPdpClientError(error, 'bad-response', 'the body is not JSON', detailsOf(response, options))
  }
}

async function buildHeaders(options: TransportOptions): Promise<Headers> {
  try {
    const own = typeof options.headers === 'function' ? await options.headers() : options.headers
    const headers = new Headers(own)
    headers.set('content-type', 'application/json')
    headers.set('accept', 'application/json')
    for (const [name, value] of Object.entries(options.extraHeaders ?? {})) headers.set(name, value)
    if (options.requestId !== undefined) headers.set('x-request-id', options.requestId)
    return headers
  } catch (error) {
    throw toPdpClientError(error, 'headers', 'the headers could not be made')
  }
}

/** Status 200 is not enough: a login page of a proxy has it too. */
function checkHead(response: Response, options: TransportOptions): void {
  const details = detailsOf(response, options)
  const type = response.headers.get('content-type') ?? ''
  if (!isJsonType(type)) {
    throw new PdpClientError(
      'bad-response',
      `content type ${type === '' ? 'missing' : `\`${type}\``}`,
      details,
    )
  }
  const { requestId } = options
  if (requestId !== undefined && response.headers.get('x-request-id') !== requestId) {
    throw new PdpClientError('bad-response', 'the answer carries another X-Request-ID, or none', details)
  }
}

function isJsonType(type: string): boolean {
  return type.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'
}

/** What is wrong there is the sender's to mend, so it is told why. */
const TOLD_STATUSES: ReadonlySet<number> = new Set([400, 404, 409, 412, 422])

async function describeFailure(response: Response, options: TransportOptions): Promise<PdpClientError> {
  const details = detailsOf(response, options)
  if (!TOLD_STATUSES.has(response.status)) {
    void response.body?.cancel().catch(() => undefined)
    const what = response.status === 0 ? 'a redirect' : `status ${response.status}`
    return new PdpClientError('http-status', `the decision point answered with ${what}`, details)
  }
  const problem = await readText(response, Math.min(options.maxResponseBytes, 65_536))
    .then(parseJsonText)
    .catch(() => undefined)
  if (response.status === 400)
    return new PdpClientError('malformed-request', describeProblem(problem), details)
  const message = `the decision point answered with status ${response.status}: ${describeProblem(problem)}`
  return new PdpClientError('http-status', message, details)
}

function detailsOf(response: Response, options: TransportOptions): { status: number; requestId?: string } {
  const { requestId } = options
  return { status: response.status, ...(requestId === undefined ? {} : { requestId }) }
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return ''
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > maxBytes) {
      void reader.cancel().catch(() => undefined)
      throw new PdpClientError('bad-response', `the body is larger than ${maxBytes} bytes`)
    }
    text += decode(decoder, value)
  }
  return text + decode(decoder)
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch (error) {
    throw toPdpClientError(error, 'bad-response', 'the body is not UTF-8')
  }
}
