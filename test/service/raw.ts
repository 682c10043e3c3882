// HTTP by hand, for what no client would send.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawReply {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** The lines of a request, each with its line break, and the empty line. */
export function toHead(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** `POST` with a JSON body, ready to be sent. */
export function toPost(path: string, body: unknown, ...headers: readonly string[]): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (
    toHead(
      `POST ${path} HTTP/1.1`,
      'Host: localhost',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
      ...headers,
    ) + text
  )
}

/**
 * All that comes back until the service closes the connection, or has been silent for a while after its first answer.
 * @param latin1 what is sent, a byte a character
 */
export async function exchange(port: number, latin1: string, silenceMs = 60): Promise<readonly RawReply[]> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    socket.setTimeout(silenceMs)
  })
  socket.setTimeout(5000)
  socket.on('timeout', () => socket.destroy())
  socket.write(latin1, 'latin1')
  await closed(socket)
  return splitReplies(text)
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** Ends once the connection is closed, be it by an error. */
export function closed(socket: Socket): Promise<void> {
  socket.resume()
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()))
}

/** Answers one after the other, by their `Content-Length` or chunks. */
export function splitReplies(text: string): readonly RawReply[] {
  const replies: RawReply[] = []
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) throw new Error(`no answer: ${rest.slice(0, 200)}`)
    const head = rest.slice(0, end)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
    if (Number.isNaN(status)) throw new Error(`no status: ${head.slice(0, 200)}`)
    const { body, length } = readBody(head, rest.slice(end + 4))
    rest = rest.slice(end + 4 + length)
    if (status >= 200) replies.push({ status, head, body })
  }
  return replies
}

function readBody(head: string, rest: string): { readonly body: string; readonly length: number } {
  if (!/^transfer-encoding: chunked/im.test(head)) {
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
    return { body: rest.slice(0, length), length }
  }
  let [body, at] = ['', 0]
  for (;;) {
    const line = rest.indexOf('\r\n', at)
    const size = Number.parseInt(rest.slice(at, line), 16)
    if (line < 0 || Number.isNaN(size)) return { body, length: rest.length }
    body += rest.slice(line + 2, line + 2 + size)
    at = line + 2 + size + 2
    if (size === 0) return { body, length: at }
  }
}
