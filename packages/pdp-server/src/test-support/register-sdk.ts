// Spans without an SDK, for tests of what is told of them.
import { type Context, type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api'

/** A span that was made. */
export interface MadeSpan {
  readonly name: string
  readonly options: SpanOptions
  readonly parent: ReturnType<typeof trace.getSpanContext>
  end?: unknown
}

/** Registers what an SDK is to the API: it makes spans of the parent's trace. `trace.disable()` ends it. */
export function registerSdk(): readonly MadeSpan[] {
  const made: MadeSpan[] = []
  const tracer = {
    startSpan: (name: string, options: SpanOptions, parent: Context) => {
      const span: MadeSpan = { name, options, parent: trace.getSpanContext(parent) }
      made.push(span)
      return {
        end: (time: unknown) => {
          span.end = time
        },
        spanContext: () => ({
          traceId: span.parent?.traceId ?? 'f'.repeat(32),
          spanId: '1'.repeat(16),
          traceFlags: 1,
        }),
      } as unknown as Span
    },
  } as unknown as Tracer
  trace.setGlobalTracerProvider({ getTracer: () => tracer })
  return made
}
