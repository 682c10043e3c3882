// Answers what is asked most straight from node's request, without the detour over web requests, bodies and
// responses, which costs several times what a decision does. It holds no rule of its own: gates, checks, endpoints
// and problems are those of the routes, and whatever is out of the ordinary is left to them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Limits } from './limits.ts'
import { toReportedProblem } from './middleware/errors.ts'
import type { ExchangeRules } from './middleware/exchange.ts'
import { type Exchange, passGates, type Refusal, type SocketTrust, tellObservers } from './middleware/gate.ts'
import { SECURITY_HEADERS } from './middleware/security-headers.ts'
import { rememberLastHost } from './middleware/trusted-host.ts'
import type { JsonEndpoint } from './routes/json-endpoint.ts'
import { checkHead, parseBody } from './wire/read-body.ts'
import { type Reply, toJsonReply, toProblemReply } from './wire/reply.ts'

/** False: the request is not for it, and as it was. */
export type DirectListener = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  trust: SocketTrust,
) => boolean

/** What all requests share. */
interface Service {
  readonly limits: Limits
  readonly rules: ExchangeRules
}

/** One request on its way through. */
interface DirectExchange extends Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly endpoint: JsonEndpoint
  readonly startedAt: number
  /** Names and values in turn. */
  readonly answerHeaders: string[]
}

const FIXED_HEADERS: readonly string[] = SECURITY_HEADERS.flat()

/** Host names and IPv4 addresses as everybody writes them; the routes know what to make of others. */
const PLAIN_HOST = /^[a-z0-9.-]+(?::\d{1,5})?$/

/** Answers POST requests for exactly these paths that tell the length of their body beforehand. */
export function createDirectListener(
  endpoints: readonly JsonEndpoint[],
  limits: Limits,
  rules: ExchangeRules,
): DirectListener {
  const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]))
  const service: Service = { limits, rules }
  const isPlainHost = rememberLastHost((host) => PLAIN_HOST.test(host))
  const isTimed = rules.observers.length > 0
  return (incoming, outgoing, trust) => {
    const endpoint = incoming.method === 'POST' ? byPath.get(incoming.url ?? '') : undefined
    if (endpoint === undefined) return false
    const exchange = openExchange(incoming, outgoing, endpoint, trust, isTimed)
    if (!hasOrdinaryLength(exchange, limits.maxBodyBytes)) return false
    if (!isPlainHost(exchange.header('host') ?? '')) return false
    const refusal = passGates(rules.gates, exchange, rules.log)
    if (refusal instanceof Promise) refusal.then((known) => receive(exchange, known, service))
    else receive(exchange, refusal, service)
    return true
  }
}

function openExchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  endpoint: JsonEndpoint,
  { trustsHost }: SocketTrust,
  isTimed: boolean,
): DirectExchange {
  const { rawHeaders } = incoming
  const answerHeaders = FIXED_HEADERS.slice()
  return {
    method: 'POST',
    path: endpoint.path,
    header: (name) => findHeader(rawHeaders, name),
    incoming,
    trustsHost,
    setHeader: (name, value) => setHeader(answerHeaders, name, value),
    outgoing,
    endpoint,
    startedAt: isTimed ? performance.now() : 0,
    answerHeaders,
  }
}

/** Not so what comes in pieces, or is too large. */
function hasOrdinaryLength({ header }: Exchange, maxBodyBytes: number): boolean {
  // Without the header, or with several, it is no number, and within no limit.
  return Number(header('content-length')) <= maxBodyBytes
}

/** Repeated lines are joined, as a web request joins them: of two contradicting lines neither must count alone. */
function findHeader(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!isSameName(rawHeaders[at], name)) continue
    const value = rawHeaders[at + 1] ?? ''
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}

/** Like a web response's: instead of one of that name. */
function setHeader(headers: string[], name: string, value: string): void {
  let at = 0
  while (at < headers.length && !isSameName(headers[at], name)) at += 2
  headers[at] = name
  headers[at + 1] = value
}

/** The length tells most names apart, and the last letter most others. */
function isSameName(one: string | undefined, other: string): boolean {
  if (one === undefined || one.length !== other.length) return false
  if (one === other) return true
  const last = one.length - 1
  return (
    isSameLetter(one.charCodeAt(last), other.charCodeAt(last)) && one.toLowerCase() === other.toLowerCase()
  )
}

/** As far as it goes: unlike letters of ASCII differ in other bits than that of their case. */
function isSameLetter(one: number, other: number): boolean {
  return ((one ^ other) & ~0x20) === 0
}

/** Goes on after the gates: refuses, or reads the body and answers. */
function receive(exchange: DirectExchange, refusal: Refusal, service: Service): void {
  if (refusal !== undefined) {
    send(exchange, toProblemReply(refusal, exchange), service)
    return
  }
  try {
    checkHead(exchange.header, exchange.endpoint.typeCode)
  } catch (error) {
    fail(exchange, error, service)
    return
  }
  collect(exchange.incoming, (bytes) => answer(exchange, bytes, service))
}

/** Reads the body to its end. Where it breaks off, the sender is gone, and nobody waits for an answer. */
function collect(incoming: IncomingMessage, whenRead: (bytes: Uint8Array) => void): void {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const [first] = chunks
    whenRead(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks))
  })
}

function answer(exchange: DirectExchange, bytes: Uint8Array, service: Service): void {
  const succeed = (text: string): void => send(exchange, toJsonReply(text), service)
  try {
    exchange.checkBytes?.(bytes)
    const text = exchange.endpoint.answer(parseBody(bytes, service.limits.maxDepth), exchange)
    if (typeof text === 'string') succeed(text)
    else text.then(succeed, (error) => fail(exchange, error, service))
  } catch (error) {
    fail(exchange, error, service)
  }
}

function fail(exchange: DirectExchange, error: unknown, service: Service): void {
  const problem = toReportedProblem(error, exchange, service.rules.log)
  send(exchange, toProblemReply(problem, exchange), service)
}

function send(exchange: DirectExchange, reply: Reply, { rules }: Service): void {
  const { outgoing, answerHeaders, startedAt } = exchange
  let { status } = reply
  try {
    writeReply(outgoing, reply, answerHeaders)
  } catch (error) {
    // A gate has set a header that cannot be sent.
    const problem = toReportedProblem(error, exchange, rules.log)
    status = problem.status
    outgoing.statusMessage = ''
    writeReply(outgoing, toProblemReply(problem, exchange), FIXED_HEADERS)
  }
  tellObservers(rules.observers, exchange, status, startedAt, rules.log)
}

function writeReply(
  outgoing: ServerResponse,
  { status, contentType, body }: Reply,
  headers: readonly string[],
): void {
  const length = Buffer.byteLength(body)
  outgoing.writeHead(status, [...headers, 'Content-Type', contentType, 'Content-Length', String(length)])
  // As long in bytes as in characters: it is ASCII, which is quicker to write as what it is.
  outgoing.end(body, length === body.length ? 'latin1' : 'utf8')
}
