// The keys of the configuration that say what becomes of decisions.
import { z } from 'zod'
import { listOf, listOfText, share, text, whole } from '../config-values.ts'
import { LOG_DETAILS } from './decision-entry.ts'
import { LOG_FORMATS } from './http-channel.ts'
import { parsePointer } from './mask.ts'
import { IGNORE_KEYS, parseIgnoreRule } from './selection.ts'

const MiB = 1024 * 1024
const GiB = 1024 * MiB
const SINKS = ['stdout', 'file', 'http'] as const
const AUDIT_MODES = ['best-effort', 'required'] as const

export const decisionLogShape = {
  decisionLog: listOf(SINKS)
    .default([])
    .describe(`Where each decision goes as a line of JSON: ${SINKS.join(', ')}. Default: nowhere.`),
  audit: z
    .enum(AUDIT_MODES, { error: `must be one of ${AUDIT_MODES.join(', ')}` })
    .default('best-effort')
    .describe(
      '`required`: no answer without its record written and flushed in every `decisionLog`, else 503.',
    ),
  auditTimeoutMs: whole(1, 600_000)
    .default(5000)
    .describe('How long an answer waits for its record where that is required.'),
  decisionLogDetail: z
    .enum(LOG_DETAILS, { error: `must be one of ${LOG_DETAILS.join(', ')}` })
    .default('ids')
    .describe('`ids`: types, ids and names. `full`: also properties, context and arguments of duties.'),
  decisionLogMask: listOfText(
    'JSON pointers such as /subject/id',
    (pointer) => parsePointer(pointer) !== undefined,
  )
    .default([])
    .describe('JSON pointers to what is masked in each line.'),
  decisionLogIgnore: listOfText(
    `rules of ${IGNORE_KEYS.join('=, ')}= such as decision=allow action=read`,
    (rule) => parseIgnoreRule(rule) !== undefined,
  )
    .default([])
    .describe('Decisions that are left out: those that have all that one of the rules says.'),
  decisionLogSampleAllow: share.default(1).describe('The share of allows that is logged, 0 to 1.'),
  decisionLogSampleDeny: share.default(1).describe('The share of denies that is logged, 0 to 1.'),
  decisionLogBufferBytes: whole(64 * 1024, GiB)
    .default(16 * MiB)
    .describe('Most bytes that wait in memory for each sink; what does not fit is dropped and counted.'),
  decisionLogFile: text('a file').optional().describe('The file of `decisionLog: file`.'),
  decisionLogFileMaxBytes: whole(MiB, 1024 * GiB)
    .default(100 * MiB)
    .describe('Before it would be larger, it becomes FILE.1, and a new one begins.'),
  decisionLogFileKeep: whole(1, 10_000).default(10).describe('How many old files are kept.'),
  decisionLogUrl: z
    .string()
    .refine(isReceiver, { error: 'must be an http or https address without credentials or fragment' })
    .optional()
    .describe('The receiver of `decisionLog: http`.'),
  decisionLogFormat: z
    .enum(LOG_FORMATS, { error: `must be one of ${LOG_FORMATS.join(', ')}` })
    .default('ndjson')
    .describe('What it is sent: lines of JSON, or OpenTelemetry logs (OTLP/HTTP, JSON).'),
  decisionLogHeadersFile: text('a file')
    .optional()
    .describe('File of headers for it, one `Name: value` a line, read anew for each batch.'),
  decisionLogSpool: text('a folder')
    .optional()
    .describe('Folder for what it does not take, sent once it works again, also after a restart.'),
  decisionLogSpoolMaxBytes: whole(MiB, 1024 * GiB)
    .default(GiB)
    .describe('Most bytes in that folder.'),
}

/** Keys whose values are paths. */
export const DECISION_LOG_PATHS = ['decisionLogFile', 'decisionLogHeadersFile', 'decisionLogSpool'] as const

const schema = z.object(decisionLogShape)
export type DecisionLogConfig = Readonly<z.infer<typeof schema>>

/** What cannot be together, each with what to do about it. */
export function findLogContradictions(config: DecisionLogConfig): readonly string[] {
  const { decisionLog, audit, decisionLogFile, decisionLogUrl, decisionLogHeadersFile } = config
  const isLogged = (sink: (typeof SINKS)[number]) => decisionLog.includes(sink)
  const found: (string | false)[] = [
    isLogged('file') &&
      decisionLogFile === undefined &&
      '`decisionLog` has `file`: say where with `decisionLogFile`',
    isLogged('http') &&
      decisionLogUrl === undefined &&
      '`decisionLog` has `http`: say where with `decisionLogUrl`',
    decisionLogFile !== undefined &&
      !isLogged('file') &&
      '`decisionLogFile` is given, but not used: add `file` to `decisionLog`',
    decisionLogUrl !== undefined &&
      !isLogged('http') &&
      '`decisionLogUrl` is given, but not used: add `http` to `decisionLog`',
    decisionLogHeadersFile !== undefined &&
      decisionLogUrl !== undefined &&
      !isProtected(decisionLogUrl) &&
      '`decisionLogHeadersFile` may hold credentials, and `decisionLogUrl` would send them in the clear: use https',
    ...(audit === 'required' ? findUnrecorded(config) : []),
  ]
  return found.filter((complaint) => complaint !== false)
}

/** Where every record is required, none may be left out. */
function findUnrecorded(config: DecisionLogConfig): readonly (string | false)[] {
  const { decisionLog, decisionLogSampleAllow, decisionLogSampleDeny, decisionLogIgnore } = config
  return [
    decisionLog.length === 0 && '`audit` is `required`: say with `decisionLog` where records go',
    (decisionLogSampleAllow < 1 || decisionLogSampleDeny < 1) &&
      '`audit` is `required`: leave `decisionLogSampleAllow` and `decisionLogSampleDeny` at 1',
    decisionLogIgnore.length > 0 && '`audit` is `required`: leave `decisionLogIgnore` empty',
  ]
}

function isReceiver(value: string): boolean {
  if (!URL.canParse(value) || /[#\s]/.test(value)) return false
  const { protocol, username, password } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}

function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
