// Whose a client's certificate is. That it comes from a trusted authority, TLS has found out before.
import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Caller } from '../middleware/gate.ts'
import type { CertificateCaller } from './tls-config.ts'

/** The caller that a connection belongs to; undefined where it shows no certificate of a known one. */
export type FindCertificateCaller = (incoming: IncomingMessage | undefined) => Caller | undefined

export function createCertificateCallers(callers: readonly CertificateCaller[]): FindCertificateCaller {
  const byName = new Map<string, Caller>()
  for (const { name, certificate, scopes } of callers) {
    byName.set(certificate, { id: `certificate:${name}`, scopes: new Set(scopes) })
  }
  // A connection keeps its certificate, and many requests come over one.
  const bySocket = new WeakMap<TLSSocket, { readonly caller: Caller | undefined }>()
  return (incoming) => {
    const socket = incoming?.socket as TLSSocket | undefined
    if (socket === undefined) return undefined
    let found = bySocket.get(socket)
    if (found === undefined) {
      const names = socket.authorized === true ? namesOf(socket.getPeerX509Certificate()) : []
      const name = names.find((one) => byName.has(one))
      found = { caller: name === undefined ? undefined : byName.get(name) }
      bySocket.set(socket, found)
    }
    return found.caller
  }
}

/** All by which a certificate can be known. */
function namesOf(certificate: X509Certificate | undefined): readonly string[] {
  if (certificate === undefined) return []
  const { subject, subjectAltName, fingerprint256 } = certificate
  const names = [`SHA256:${fingerprint256}`, ...alternativeNames(subjectAltName)]
  const common = subject?.split('\n').filter((line) => line.startsWith('CN=')) ?? []
  const [only] = common
  if (only !== undefined && common.length === 1) names.push(`CN:${only.slice('CN='.length)}`)
  return names
}

/** Names with anything odd in them are quoted, and could hold what looks like another name: then none counts. */
function alternativeNames(text: string | undefined): readonly string[] {
  return text === undefined || text.includes('"') ? [] : text.split(', ')
}
