// A span for each decision, through the OpenTelemetry API alone: whoever wants spans brings an SDK. Without one there is
// no tracer, and nothing is done for a decision.
import {
  type Context,
  context,
  createTraceState,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type SpanContext,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { DecisionOrigin, DecisionRecord } from '../decide/decision-record.ts'
import { VERSION } from '../version.ts'
import { parseTraceParent, type SpanIds } from './trace-context.ts'

/** Makes the span of a decision that was just made. */
export type DecisionTracer = (record: DecisionRecord) => SpanIds

const NAME = '@edict/pdp-server'

/** Undefined where no SDK was registered before the service started. */
export function createDecisionTracer(): DecisionTracer | undefined {
  const provider = trace.getTracerProvider()
  if (provider instanceof ProxyTracerProvider && provider.getDelegateTracer(NAME) === undefined)
    return undefined
  const tracer = trace.getTracer(NAME, VERSION)
  return (record) => traceDecision(tracer, record)
}

function traceDecision(tracer: Tracer, record: DecisionRecord): SpanIds {
  const { request, answer, durationMs } = record
  // The clock of decisions may stand still; spans are about the time that passes.
  const endTime = performance.timeOrigin + performance.now()
  const reason = answer.reasons[0]
  const span = tracer.startSpan(
    'edict.decide',
    {
      startTime: endTime - durationMs,
      attributes: {
        'edict.decision.id': record.id,
        'edict.decision': answer.decision,
        'edict.action': request.action.name,
        'edict.resource.type': request.resource.type,
        'edict.subject.type': request.subject.type,
        'edict.policy.version': record.policyVersion,
        ...(record.dataVersion !== undefined && { 'edict.data.version': record.dataVersion }),
        ...(reason !== undefined && {
          'edict.reason': 'rule' in reason ? reason.rule : `(${reason.builtin})`,
        }),
      },
    },
    findParent(record.origin),
  )
  span.end(endTime)
  const { traceId, spanId } = span.spanContext()
  return { traceId, spanId }
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
