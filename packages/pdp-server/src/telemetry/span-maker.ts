// Spans through the OpenTelemetry API alone: whoever wants them brings an SDK. Without one there is no maker, and nothing
// is done.
import {
  type Attributes,
  type Context,
  context,
  createTraceState,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api'
import type { DecisionOrigin } from '../decide/decision-record.ts'
import { VERSION } from '../version.ts'
import { parseTraceParent, type SpanIds } from './trace-context.ts'

/** What has just ended. */
export interface Ended {
  readonly name: string
  readonly origin: DecisionOrigin
  readonly durationMs: number
  /** Those that are `undefined` are left out. */
  readonly attributes: Attributes
}

export type SpanMaker = (ended: Ended) => SpanIds

const NAME = '@edict/pdp-server'

/** Undefined where no SDK was registered before the service started. */
export function createSpanMaker(): SpanMaker | undefined {
  const provider = trace.getTracerProvider()
  if (provider instanceof ProxyTracerProvider && provider.getDelegateTracer(NAME) === undefined)
    return undefined
  const tracer = trace.getTracer(NAME, VERSION)
  return ({ name, origin, durationMs, attributes }) => {
    // The clock of decisions may stand still; spans are about the time that passes.
    const endTime = performance.timeOrigin + performance.now()
    const span = tracer.startSpan(
      name,
      { startTime: endTime - durationMs, attributes: withoutUndefined(attributes) },
      findParent(origin),
    )
    span.end(endTime)
    const { traceId, spanId } = span.spanContext()
    return { traceId, spanId }
  }
}

function withoutUndefined(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}

/** The span that is under way in this process, such as that of the HTTP request; else that of the caller. */
function findParent({ traceparent, tracestate }: DecisionOrigin): Context {
  const active = context.active()
  if (trace.getSpanContext(active) !== undefined) return active
  const parent = parseTraceParent(traceparent)
  if (parent === undefined) return ROOT_CONTEXT
  const spanContext: SpanContext = {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.flags,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  }
  return trace.setSpanContext(ROOT_CONTEXT, spanContext)
}
