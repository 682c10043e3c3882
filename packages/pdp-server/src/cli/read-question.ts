import { resolve } from 'node:path'
import type { DecisionRequest, JsonObject } from '@edict/policy-lang'
import { PdpServerError } from '../errors.ts'
import { decodeText, readTextFile } from '../files/read-text-file.ts'
import { parseJson } from '../wire/parse-json.ts'
import { isJsonObject } from '../wire/read-body.ts'
import { toDecideQuestion } from '../wire/request-schema.ts'
import { parseEntityReference } from './entity-reference.ts'
import type { CliIo } from './io.ts'

export interface QuestionOptions {
  readonly subject?: string
  readonly action?: string
  readonly resource?: string
  readonly context?: string
  readonly request?: string
  readonly now?: string
}

const MAX_DEPTH = 64

/** The question that the flags of `edict decide` ask. Throws `PdpServerError` `malformed-request`. */
export async function readQuestion(options: QuestionOptions, io: CliIo): Promise<DecisionRequest> {
  const request = options.request === undefined ? fromFlags(options) : await fromFile(options.request, io)
  if (options.context === undefined) return request
  const context = parseObject(options.context, '--context')
  return { ...request, context: context as JsonObject }
}

/** Epoch milliseconds of RFC 3339 with a zone, or a date. Throws `PdpServerError`. */
export function readInstant(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})([Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?$/.exec(text)
  const instant = match === null ? Number.NaN : Date.parse(text)
  const day = match?.[1] ?? ''
  // `Date` takes the 30th of February for the 2nd of March.
  const isReal = !Number.isNaN(instant) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
  if (!isReal) throw refuse(`--now must be a time such as 2027-03-01T09:00:00Z, not ${JSON.stringify(text)}`)
  return instant
}

function fromFlags({ subject, action, resource }: QuestionOptions): DecisionRequest {
  const missing = Object.entries({ subject, action, resource })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `--${name}`)
  if (subject === undefined || action === undefined || resource === undefined) {
    throw refuse(`${missing.join(', ')} missing; or give the whole question with --request FILE`)
  }
  return {
    subject: readReference(subject, '--subject'),
    action: { name: action },
    resource: readReference(resource, '--resource'),
  }
}

async function fromFile(file: string, io: CliIo): Promise<DecisionRequest> {
  const shownAs = file === '-' ? 'standard input' : file
  const text =
    file === '-' ? decodeText(await io.readStdin(), shownAs) : readTextFile(resolve(io.cwd, file), file)
  return toDecideQuestion(parseObject(text, shownAs)).request
}

function readReference(text: string, flag: string): DecisionRequest['resource'] {
  const reference = parseEntityReference(text)
  if (reference === undefined) throw refuse(`${flag} must be like 'User::"ann"', not ${JSON.stringify(text)}`)
  return reference
}

function parseObject(text: string, from: string): object {
  const parsed = parseJson(text, MAX_DEPTH)
  if ('fault' in parsed) throw refuse(`${from}: ${parsed.fault.path} ${parsed.fault.detail}`)
  if (!isJsonObject(parsed.value)) throw refuse(`${from}: must be a JSON object`)
  return parsed.value
}

function refuse(message: string): PdpServerError {
  return new PdpServerError('malformed-request', message)
}
