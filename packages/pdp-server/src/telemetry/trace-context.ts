// W3C Trace Context: what a caller says of the trace that its request belongs to.

export interface SpanIds {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly spanId: string
}

export interface TraceParent extends SpanIds {
  /** The lowest bit: sampled. */
  readonly flags: number
}

const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The `traceparent` of a request; undefined where there is none or it is none (Trace Context §3.2). */
export function parseTraceParent(text: string | undefined): TraceParent | undefined {
  if (text === undefined) return undefined
  const [, traceId, spanId, flags, rest] = TRACE_PARENT.exec(text.trim()) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  // Only versions to come may say more.
  if (rest !== undefined && text.trim().startsWith('00')) return undefined
  return { traceId, spanId, flags: Number.parseInt(flags, 16) }
}
