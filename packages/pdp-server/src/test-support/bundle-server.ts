// A server of bundles on a port of this machine, which can be made to fail in many ways.
import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

export type BundleFault =
  | 'error'
  | 'hang'
  | 'hang-in-body'
  | 'garbage'
  | 'html'
  | 'huge'
  | 'says-huge'
  | 'huge-once-unpacked'
  | 'redirect'
  | 'cut'
  | 'not-modified'
  | 'reset'

export interface BundleServer {
  readonly url: string
  /** What it serves, and how it fails. */
  readonly serving: { bytes: Uint8Array; fault: BundleFault | undefined; hasTag: boolean }
  /** Headers of each request, the latest last. */
  readonly requests: IncomingHttpHeaders[]
  /** Statuses of each answer, the latest last. */
  readonly statuses: number[]
  readonly stop: () => Promise<void>
}

export async function startBundleServer(bytes: Uint8Array = new Uint8Array()): Promise<BundleServer> {
  const serving: BundleServer['serving'] = { bytes, fault: undefined, hasTag: true }
  const requests: IncomingHttpHeaders[] = []
  const statuses: number[] = []
  const server = createServer((request, response) => {
    requests.push(request.headers)
    response.on('close', () => statuses.push(response.statusCode))
    const tag = `"${createHash('sha256').update(serving.bytes).digest('hex').slice(0, 16)}"`
    if (serving.hasTag) response.setHeader('etag', tag)
    switch (serving.fault) {
      case 'error':
        return response.writeHead(503, { 'retry-after': '7' }).end('not now')
      case 'hang':
        return
      case 'hang-in-body':
        response.write(serving.bytes.subarray(0, 100))
        return
      case 'garbage':
        return response.end(Buffer.alloc(5000, 'edict-bundle/1\n'))
      case 'html':
        return response.setHeader('content-type', 'text/html').end('<html>Sign in to the hotel</html>')
      case 'huge':
        return response.end(Buffer.alloc(200_000))
      case 'says-huge':
        response.writeHead(200, { 'content-length': '99999999999' })
        response.write('x')
        return
      case 'huge-once-unpacked':
        return response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(10_000_000)))
      case 'redirect':
        return response.writeHead(302, { location: '/elsewhere' }).end()
      case 'cut':
        response.writeHead(200, { 'content-length': String(serving.bytes.length) })
        response.write(serving.bytes.subarray(0, 200), () => response.destroy())
        return
      case 'not-modified':
        return response.writeHead(304).end()
      case 'reset':
        return request.socket.resetAndDestroy()
      case undefined:
        if (serving.hasTag && request.headers['if-none-match'] === tag) return response.writeHead(304).end()
        return response.end(serving.bytes)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/docs.bundle`,
    serving,
    requests,
    statuses,
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
