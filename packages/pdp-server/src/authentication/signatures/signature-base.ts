// The text that is signed (RFC 9421 §2.5), made of the request as it came.
import { type InnerList, serializeInnerList, serializeItem } from 'structured-headers'

/** A request as far as signatures can cover it. */
export interface SignedMessage {
  readonly method: string
  readonly scheme: string
  /** Host and port, in lower case, without the port that the scheme stands for (RFC 9421 §2.2.3). */
  readonly authority: string
  /** As it was sent: never decoded, never tidied. */
  readonly path: string
  /** With its `?`; undefined where there is none. */
  readonly query: string | undefined
  /** Of lines that repeat a header, all, joined by `, `. */
  readonly header: (name: string) => string | undefined
}

/** The text, or what keeps it from being made, in words for its sender. */
export function createSignatureBase(
  input: InnerList,
  message: SignedMessage,
): { readonly base: string } | { readonly fault: string } {
  const lines: string[] = []
  const seen = new Set<unknown>()
  for (const item of input[0]) {
    const [name, parameters] = item
    if (typeof name !== 'string' || parameters.size > 0) {
      return { fault: 'the signature covers a component with parameters, which none may have here' }
    }
    if (seen.has(name)) return { fault: `the signature covers \`${shown(name)}\` twice` }
    seen.add(name)
    const value = readComponent(name, message)
    if (value === undefined) return { fault: `the signature covers \`${shown(name)}\`, which is not there` }
    // Line breaks never come through HTTP; this is not where that should be relied on.
    if (!/^[\x20-\x7e\t]*$/.test(value)) return { fault: `\`${shown(name)}\` holds other than ASCII` }
    lines.push(`${serializeItem(item)}: ${value}`)
  }
  lines.push(`"@signature-params": ${serializeInnerList(input)}`)
  return { base: lines.join('\n') }
}

function readComponent(name: string, message: SignedMessage): string | undefined {
  const { method, scheme, authority, path, query, header } = message
  switch (name) {
    case '@method':
      return method
    case '@target-uri':
      return `${scheme}://${authority}${path}${query ?? ''}`
    case '@authority':
      return authority
    case '@scheme':
      return scheme
    case '@request-target':
      return `${path}${query ?? ''}`
    case '@path':
      return path
    case '@query':
      return query ?? '?'
  }
  // All other derived components need parameters, or belong to responses.
  if (name.startsWith('@') || name !== name.toLowerCase()) return undefined
  return header(name)?.trim()
}

function shown(name: string): string {
  return name.slice(0, 60)
}
