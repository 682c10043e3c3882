import type { MiddlewareHandler } from 'hono'
import { PdpServerError } from '../errors.ts'

/** What a server tells the service about the socket behind a request. */
export interface SocketTrust {
  /** Whether a request for this `Host` may be meant for the service. Left out: any. */
  readonly trustsHost?: (host: string) => boolean
}

/**
 * Refuses requests for other hosts (421). A page on the web may give its own name this machine's address (DNS
 * rebinding): to the browser both are one origin then, and the page could read answers that only this machine may.
 * Clients of HTTP/1.0 send no `Host`, and no browser is one.
 */
export const refuseOtherHosts: MiddlewareHandler = async (c, next) => {
  const { trustsHost } = (c.env ?? {}) as SocketTrust
  const host = c.req.header('host')
  if (trustsHost !== undefined && host !== undefined && !trustsHost(host)) {
    throw new PdpServerError(
      'misdirected-request',
      'the Host is none of this service: ask for localhost, or for the host of its `publicUrl`',
    )
  }
  await next()
}
