import type { JsonEntityRef, JsonObject } from '@edict/policy-lang'
import type { SearchQuestion } from '../decide/search-record.ts'
import { PdpServerError } from '../errors.ts'
import { parseJson } from '../wire/parse-json.ts'
import { isJsonObject } from '../wire/read-body.ts'
import { parseEntityReference } from './entity-reference.ts'

export interface SearchFlags {
  readonly subject?: string
  readonly action?: string
  readonly resource?: string
  readonly context?: string
}

const MAX_DEPTH = 64

/** What the flags leave open is looked for: a type in place of an entity, or no action. Throws `PdpServerError`. */
export function readSearch({ subject, action, resource, context }: SearchFlags): SearchQuestion {
  if (subject === undefined || resource === undefined) {
    throw refuse('say both --subject and --resource, as an entity, or as a type where they are looked for')
  }
  const around = context === undefined ? {} : { context: readContext(context) }
  const [who, where] = [parseEntityReference(subject), parseEntityReference(resource)]
  if (action === undefined) {
    if (who === undefined || where === undefined) {
      throw refuse(`to look for actions, --subject and --resource must be like 'User::"ann"'`)
    }
    return { kind: 'action', request: { subject: who, resource: where, ...around } }
  }
  const asked = { action: { name: action }, ...around }
  if (who !== undefined) {
    if (where !== undefined) {
      throw refuse(
        'nothing is left open: give a type in place of an entity, or no --action; or use edict decide',
      )
    }
    return {
      kind: 'resource',
      request: { subject: who, resource: readType(resource, '--resource'), ...asked },
    }
  }
  const found: JsonEntityRef | undefined = where
  if (found === undefined) {
    throw refuse(
      `one of --subject and --resource must be an entity, like 'User::"ann"': only one can be looked for`,
    )
  }
  return { kind: 'subject', request: { subject: readType(subject, '--subject'), resource: found, ...asked } }
}

/** `User`, `"album:object"`. */
function readType(text: string, flag: string): { readonly type: string } {
  const type = parseEntityReference(`${text}::x`)?.type
  if (type === undefined)
    throw refuse(`${flag} must be a type, or like 'User::"ann"', not ${JSON.stringify(text)}`)
  return { type }
}

function readContext(text: string): JsonObject {
  const parsed = parseJson(text, MAX_DEPTH)
  if ('fault' in parsed) throw refuse(`--context: ${parsed.fault.path} ${parsed.fault.detail}`)
  if (!isJsonObject(parsed.value)) throw refuse('--context: must be a JSON object')
  return parsed.value as JsonObject
}

function refuse(message: string): PdpServerError {
  return new PdpServerError('malformed-request', message)
}
