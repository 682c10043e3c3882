// An issuer of tokens on a port of this machine: its keys, tokens of it, and an answer about opaque ones.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export interface TestIssuer {
  readonly url: string
  readonly jwksUri: string
  readonly introspectionUri: string
  /** A good token, but for what is changed: claims that are undefined are left out. */
  readonly sign: (claims?: object, options?: SignOptions) => Promise<string>
  /** Signs with another key from now on. */
  readonly rotate: () => Promise<void>
  /** What the issuer says of opaque tokens. */
  readonly opaque: Map<string, object>
  /** How often its keys, and its word on tokens, were asked for. */
  readonly asked: { keys: number; tokens: number }
  /** Undefined: answers. Else what it does instead. */
  readonly fault: { current: 'error' | 'garbage' | 'redirect' | 'huge' | undefined }
  readonly stop: () => Promise<void>
}

export interface SignOptions {
  readonly header?: object
  readonly issuedAt?: number
}

export const AUDIENCE = 'https://pdp.example.com'

export async function startIssuer(): Promise<TestIssuer> {
  const asked = { keys: 0, tokens: 0 }
  const fault: TestIssuer['fault'] = { current: undefined }
  const opaque = new Map<string, object>()
  const keys: JWK[] = []
  let signing = await addKey(keys)
  const server = createServer(async (request, response) => {
    const isKeys = request.url === '/keys'
    if (isKeys) asked.keys++
    else asked.tokens++
    if (fault.current === 'error') return response.writeHead(500).end('{}')
    if (fault.current === 'garbage') return response.end('<html>')
    if (fault.current === 'redirect') return response.writeHead(302, { location: '/keys?' }).end()
    if (fault.current === 'huge') return response.end(`{"keys":[],"x":"${'x'.repeat(2_000_000)}"}`)
    if (isKeys) return response.end(JSON.stringify({ keys }))
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const answer = opaque.get(new URLSearchParams(body).get('token') ?? '')
    const isClient = request.headers.authorization === `Basic ${btoa('pdp:hush%21')}`
    return isClient
      ? response.end(JSON.stringify(answer ?? { active: false }))
      : response.writeHead(401).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    jwksUri: `${url}/keys`,
    introspectionUri: `${url}/introspect`,
    asked,
    fault,
    opaque,
    rotate: async () => {
      signing = await addKey(keys)
    },
    sign: (claims = {}, { header = {}, issuedAt = Date.now() / 1000 } = {}) => {
      const all = {
        iss: url,
        aud: AUDIENCE,
        sub: 'eve',
        iat: Math.floor(issuedAt),
        exp: Math.floor(issuedAt) + 300,
        jti: crypto.randomUUID(),
        ...claims,
      }
      return new SignJWT(JSON.parse(JSON.stringify(all)))
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: signing.kid, ...header })
        .sign(signing.privateKey)
    },
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function addKey(keys: JWK[]) {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const kid = `key-${keys.length}`
  keys.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' })
  return { kid, privateKey }
}
