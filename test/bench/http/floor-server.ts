// What HTTP and JSON cost by themselves: reads the body, parses it, and answers a constant. A process of its own.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** By path, the answer to give. */
const texts: Readonly<Record<string, string>> = JSON.parse(process.argv[2] ?? '{}')
const answers = new Map(
  Object.entries(texts).map(([path, text]) => [path, { text, length: Buffer.byteLength(text) }]),
)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString())
    const answer = answers.get(request.url ?? '')
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer?.length ?? 0 })
    response.end(answer?.text)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
