// Lines → an OpenTelemetry logs request (OTLP/HTTP 1.x, JSON encoding): ids as hex, 64-bit integers as text.
import { VERSION } from '../version.ts'

type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
  | Record<string, never>

interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

const NANOSECONDS = 1_000_000n
/** SEVERITY_NUMBER_INFO, and WARN for gaps and for decisions in which a rule failed. */
const INFO = { severityNumber: 9, severityText: 'INFO' } as const
const WARN = { severityNumber: 13, severityText: 'WARN' } as const

export interface OtlpLogs {
  /** The body of `POST /v1/logs`. */
  readonly body: Buffer<ArrayBuffer>
  readonly recordCount: number
  /** Lines that are none, such as a disk leaves of them: they are left out, for the others would never arrive. */
  readonly damagedCount: number
}

export function toOtlpLogs(lines: Buffer, now: number): OtlpLogs {
  const texts = lines
    .toString()
    .split('\n')
    .filter((line) => line !== '')
  const entries = texts.map(readEntry).filter((entry) => entry !== undefined)
  const request = {
    resourceLogs: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: 'edict' } },
            { key: 'service.version', value: { stringValue: VERSION } },
          ],
        },
        scopeLogs: [
          {
            scope: { name: '@edict/pdp-server', version: VERSION },
            logRecords: entries.map((entry) => toLogRecord(entry, now)),
          },
        ],
      },
    ],
  }
  return {
    body: Buffer.from(JSON.stringify(request)),
    recordCount: entries.length,
    damagedCount: texts.length - entries.length,
  }
}

function readEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return isEntry(entry) ? entry : undefined
  } catch {
    return undefined
  }
}

function isEntry(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How many records the receiver refused of those it took; 0 where it does not say (OTLP: partial success). */
export function countRejected(response: string): number {
  try {
    const { partialSuccess } = JSON.parse(response) as {
      readonly partialSuccess?: { readonly rejectedLogRecords?: unknown }
    }
    const count = Number(partialSuccess?.rejectedLogRecords ?? 0)
    return Number.isSafeInteger(count) && count > 0 ? count : 0
  } catch {
    return 0
  }
}

function toLogRecord(entry: Readonly<Record<string, unknown>>, now: number) {
  const { event, time, id, traceId, spanId, decision, errorCount } = entry
  const isWarning = event === 'gap' || errorCount !== undefined
  return {
    timeUnixNano: toNanoseconds(Date.parse(String(time))),
    observedTimeUnixNano: toNanoseconds(now),
    ...(isWarning ? WARN : INFO),
    eventName: `edict.${String(event)}`,
    body: toAnyValue(entry),
    attributes: [
      ...(typeof id === 'string' ? [{ key: 'edict.decision.id', value: { stringValue: id } }] : []),
      ...(typeof decision === 'string' ? [{ key: 'edict.decision', value: { stringValue: decision } }] : []),
    ],
    ...(typeof traceId === 'string' && { traceId }),
    ...(typeof spanId === 'string' && { spanId }),
  }
}

/** A time that was masked is none: 0 says unknown. */
function toNanoseconds(ms: number): string {
  return Number.isFinite(ms) ? String(BigInt(Math.round(ms)) * NANOSECONDS) : '0'
}

function toAnyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } }
  if (typeof value !== 'object' || value === null) return {}
  return {
    kvlistValue: {
      values: Object.entries(value).map(([key, member]) => ({ key, value: toAnyValue(member) })),
    },
  }
}
