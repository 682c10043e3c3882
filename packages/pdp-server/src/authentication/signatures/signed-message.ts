// A request as its signer saw it. What it was sent for is known here, and not what the request says of that.
import type { TLSSocket } from 'node:tls'
import type { Exchange } from '../../middleware/gate.ts'
import type { SignedMessage } from './signature-base.ts'

/** What a request is signed for: the public address, or this machine. */
export type ReadSignedMessage = (
  exchange: Exchange,
) => { readonly message: SignedMessage } | { readonly fault: string }

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/
const PLAIN_TARGET = /^\/[\x21-\x7e]*$/

/**
 * INVARIANT: a request that was signed for another service counts nowhere else, whatever its `Host` says.
 * @param publicUrl the address under which others know the service
 */
export function createSignedMessageReader(publicUrl: string | undefined): ReadSignedMessage {
  const known = publicUrl === undefined ? undefined : new URL(publicUrl)
  return ({ method, header, incoming }) => {
    const target = incoming?.url
    if (target === undefined || !PLAIN_TARGET.test(target)) return { fault: 'such a target cannot be signed' }
    const host = header('host')?.toLowerCase() ?? ''
    const place = findPlace(
      host,
      known,
      (incoming?.socket as Partial<TLSSocket> | undefined)?.encrypted === true,
    )
    if (place === undefined) {
      return {
        fault:
          known === undefined
            ? 'a request that comes from elsewhere is signed for the `publicUrl` of the service, which has none'
            : `a signed request must be for ${known.host}`,
      }
    }
    const at = target.indexOf('?')
    const path = `${place.prefix}${at === -1 ? target : target.slice(0, at)}`
    const query = at === -1 ? undefined : target.slice(at)
    return { message: { method, scheme: place.scheme, authority: place.authority, path, query, header } }
  }
}

interface Place {
  readonly scheme: string
  readonly authority: string
  /** What stands before each path outside. */
  readonly prefix: string
}

function findPlace(host: string, known: URL | undefined, isEncrypted: boolean): Place | undefined {
  if (known !== undefined && withoutDefaultPort(host, '443') === known.host) {
    return { scheme: 'https', authority: known.host, prefix: known.pathname.replace(/\/$/, '') }
  }
  if (!LOOPBACK.test(host)) return undefined
  const [scheme, port] = isEncrypted ? ['https', '443'] : ['http', '80']
  return { scheme, authority: withoutDefaultPort(host, port), prefix: '' }
}

function withoutDefaultPort(host: string, port: string): string {
  return host.endsWith(`:${port}`) ? host.slice(0, -port.length - 1) : host
}
