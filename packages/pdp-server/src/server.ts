// The service on a socket: starts, and stops without dropping what is in flight.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { acceptFirst } from './accept-first.ts'
import type { App } from './app.ts'
import type { Tls } from './authentication/tls.ts'
import { PdpServerError } from './errors.ts'
import type { SocketTrust } from './middleware/gate.ts'
import { rememberLastHost } from './middleware/trusted-host.ts'

export interface ServerOptions {
  readonly app: App
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** `0`: a free one. Default 8181. */
  readonly port?: number
  /**
   * Whether the gates of `app` let in only callers that say who they are: then it may listen where others reach it,
   * under any name, since a web page that asks under a name of its own has no credentials. Default false.
   */
  readonly authenticatesCallers?: boolean
  /** Whether it may listen where others reach it although callers are not authenticated. Default false. */
  readonly insecureNoAuth?: boolean
  /** The address under which others know the service; its host may be asked for besides loopback names. */
  readonly publicUrl?: string | undefined
  /** Default: no TLS. */
  readonly tls?: Tls | undefined
  /** How long requests in flight may take once it stops. Default 10,000. */
  readonly stopTimeoutMs?: number
  /** From the first byte of a request to its last; its head has a third of it at most. Default 30,000. */
  readonly requestTimeoutMs?: number
  /** Connections beyond these are closed at once. Default 10,000. */
  readonly maxConnections?: number
}

export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:8181`. */
  readonly url: string
  readonly port: number
  /** Accepts nothing more, and ends once all in flight is answered, or after `stopTimeoutMs`. */
  readonly stop: () => Promise<void>
}

/** A slow sender must not hold a connection for long. */
const REQUEST_TIMEOUT_MS = 30_000
/** Of the time for a request, its head may take so much. */
const HEAD_SHARE = 1 / 3
/** How much later than its time a slow sender may be noticed. */
const CHECK_TIMEOUTS_EVERY_MS = 1000
/** Each takes some kilobytes, and one of the descriptors that the process may have. */
const MAX_CONNECTIONS = 10_000
/** Longer than the 60 s that load balancers keep idle connections, so that they never meet a closed one. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000
/**
 * Connections that may wait to be accepted, as far as the system allows: while the process is busy it accepts few at a
 * time, and beyond these they are reset. Node's own bound is 511.
 */
const BACKLOG = 4096
const CLOSE_IDLE_EVERY_MS = 50
/**
 * Once it stops, idle connections stay for so long, where no request comes; else until the last is so long ago. What was
 * sent before its client could know is answered, and each answer says that the connection ends with it.
 */
const IDLE_GRACE_MS = 100
const BUSY_GRACE_MS = 1000

/**
 * Listens and answers with `app`. Throws `PdpServerError`: `unsafe-host` for an address that others can reach,
 * without `authenticatesCallers` or `insecureNoAuth`; `cannot-listen` where the port is taken or the address is none of this machine.
 *
 * @example
 * ```ts
 * const server = await startServer({ app: createApp({ pdp }), port: 0 })
 * console.log(server.url)
 * await server.stop()
 * ```
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, host = '127.0.0.1', port = 8181, stopTimeoutMs = 10_000 } = options
  const isOpenToOthers = options.authenticatesCallers === true || options.insecureNoAuth === true
  if (!isOpenToOthers && !isLoopback(host)) throw unsafeHost(host)
  const trust: SocketTrust = isOpenToOthers
    ? {}
    : { trustsHost: rememberLastHost(createHostCheck(options.publicUrl)) }
  const life: Life = { sockets: new Set(), isStopping: false, lastRequestAt: 0 }
  const { listener, follow } = acceptFirst(createListener(app, trust, life))
  const { server, unfollow } = open(listener, options)
  follow(server)
  server.on('connection', (socket: Socket) => {
    life.sockets.add(socket)
    socket.once('close', () => life.sockets.delete(socket))
  })
  await listen(server, host, port)
  const { address, family, port: taken } = server.address() as AddressInfo
  const shown = family === 'IPv6' ? `[${address}]` : address
  const scheme = options.tls === undefined ? 'http' : 'https'
  const stop = async () => {
    unfollow()
    life.isStopping = true
    await stopServer(server, life, stopTimeoutMs)
  }
  return { url: `${scheme}://${shown}:${taken}`, port: taken, stop }
}

interface Life {
  /** Those that are open. */
  readonly sockets: Set<Socket>
  isStopping: boolean
  /** Only while it stops. */
  lastRequestAt: number
}

interface OpenServer {
  readonly server: Server | TlsServer
  /** Looks for new certificates no longer. */
  readonly unfollow: () => void
}

function open(listener: RequestListener, limits: ServerOptions): OpenServer {
  const { tls, requestTimeoutMs = REQUEST_TIMEOUT_MS, maxConnections = MAX_CONNECTIONS } = limits
  const headersTimeout = Math.ceil(requestTimeoutMs * HEAD_SHARE)
  const options = {
    requestTimeout: requestTimeoutMs,
    headersTimeout,
    connectionsCheckingInterval: Math.min(CHECK_TIMEOUTS_EVERY_MS, headersTimeout),
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  }
  const server =
    tls === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, ...tls.options }, listener)
  server.maxConnections = maxConnections
  return { server, unfollow: tls?.follow(server as TlsServer) ?? (() => {}) }
}

function createListener(app: App, trust: SocketTrust, life: Life): RequestListener {
  // The name is for clients of HTTP/1.0, which send none.
  const options = { hostname: 'localhost' }
  const answer = getRequestListener((request, env) => app.fetch(request, { ...env, ...trust }), options)
  return (incoming, outgoing) => {
    if (life.isStopping) {
      outgoing.shouldKeepAlive = false
      life.lastRequestAt = performance.now()
    }
    if (app.answerDirectly?.(incoming, outgoing, trust) !== true) void answer(incoming, outgoing)
  }
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}

/** Loopback names and addresses, and the host of `publicUrl`, with any port: a proxy may keep the one it was asked for. */
function createHostCheck(publicUrl: string | undefined): (host: string) => boolean {
  const publicHost = publicUrl === undefined ? undefined : URL.parse(publicUrl)?.hostname
  return (host) => {
    const name = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host)?.[1]?.toLowerCase()
    return name !== undefined && (isLoopback(name) || name === publicHost)
  }
}

async function listen(server: Server | TlsServer, host: string, port: number): Promise<void> {
  try {
    server.listen({ port, host: host.replace(/^\[|\]$/g, ''), backlog: BACKLOG })
    await once(server, 'listening')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw new PdpServerError('cannot-listen', describeListenError(code, host, port), { cause })
  }
}

function describeListenError(code: string | undefined, host: string, port: number): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is in use: stop what runs there, or take another port`
  }
  if (code === 'EACCES') return `port ${port} may not be taken: ports below 1024 need rights`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is no address of this machine`
  return `${host}:${port} cannot be listened on (${code ?? 'unknown'})`
}

async function stopServer(server: Server | TlsServer, life: Life, timeoutMs: number): Promise<void> {
  const startedAt = performance.now()
  await acceptWaiting(server, timeoutMs / 2)
  // That of HTTP would close idle connections at once, also those over which a request is on its way.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
  const sweep = setInterval(async () => {
    // Not before what has arrived meanwhile was read: a process that is busy may be late with both.
    await setImmediate()
    if (!isQuiet(startedAt, life, timeoutMs)) return
    server.closeIdleConnections()
    // To Node these are busy: their first request might be a slow one.
    for (const socket of life.sockets) if (socket.bytesRead === 0) socket.destroy()
  }, CLOSE_IDLE_EVERY_MS)
  const force = setTimeout(() => server.closeAllConnections(), timeoutMs)
  await closed
  clearInterval(sweep)
  clearTimeout(force)
  // What looks for slow senders ends with this alone.
  server.close()
}

/** Connections that wait to be accepted would be reset, with what was sent over them. A turn may accept a single one. */
async function acceptWaiting(server: Server | TlsServer, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs
  let accepted = 0
  const count = (): void => {
    accepted++
  }
  server.on('connection', count)
  for (let [turns, before] = [0, -1]; turns < 2 || accepted > before; turns++) {
    if (performance.now() > end) break
    before = accepted
    await setImmediate()
  }
  server.off('connection', count)
}

function isQuiet(startedAt: number, { lastRequestAt }: Life, timeoutMs: number): boolean {
  const now = performance.now()
  if (now - startedAt >= timeoutMs / 2) return true
  return lastRequestAt === 0 ? now - startedAt >= IDLE_GRACE_MS : now - lastRequestAt >= BUSY_GRACE_MS
}

function unsafeHost(host: string): PdpServerError {
  return new PdpServerError(
    'unsafe-host',
    `${host} can be reached from elsewhere, and callers are not authenticated: everyone there could ask. ` +
      'Give callers API keys (edict keys create NAME --file keys.json, then --key-file keys.json), ' +
      'listen on 127.0.0.1, or say --insecure-no-auth where the network itself keeps others out',
  )
}
