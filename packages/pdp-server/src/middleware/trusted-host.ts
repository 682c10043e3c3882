import { toProblem } from '../wire/problem.ts'
import type { Gate } from './gate.ts'

/**
 * Refuses requests for other hosts (421). A page on the web may give its own name this machine's address (DNS
 * rebinding): to the browser both are one origin then, and the page could read answers that only this machine may.
 * Clients of HTTP/1.0 send no `Host`, and no browser is one.
 */
export const refuseOtherHosts: Gate = ({ trustsHost, header }) => {
  if (trustsHost === undefined) return undefined
  const host = header('host')
  if (host === undefined || trustsHost(host)) return undefined
  return toProblem(
    421,
    'the Host is none of this service: ask for localhost, or for the host of its `publicUrl`',
  )
}

/** The same check of hosts; the last that it held for is held for unasked. Nearly all requests name the same one. */
export function rememberLastHost(check: (host: string) => boolean): (host: string) => boolean {
  let last: string | undefined
  return (host) => {
    if (host === last) return true
    const isGood = check(host)
    if (isGood) last = host
    return isGood
  }
}
