// Untrusted text or JSON → Program.
// In: what `serializeProgram` wrote, or what somebody else did. Out: a fresh Program whose every part has the shape
// and every reference a target, or `PolicyLangError` `invalid-program` with the JSON path of the first fault.
import { parseDatetime } from '../model/datetime.ts'
import type { ScopeRecord, TargetRecord } from '../model/entity-data.ts'
import { PolicyLangError } from '../model/errors.ts'
import type { JsonEntityRef, JsonObject, JsonValue } from '../model/request.ts'
import type { RoleEdge, RoleGraph } from '../model/role-graph.ts'
import { toCells } from './cells.ts'
import { checkReferences } from './check-references.ts'
import {
  PROGRAM_FORMAT,
  PROGRAM_FORMAT_VERSION,
  type Program,
  type ProgramAssignment,
  type ProgramCondition,
  type ProgramRole,
  type RoleConditionCode,
} from './program.ts'
import { readCode, readPlace } from './read-code.ts'
import {
  below,
  fail,
  type JsonPlace,
  openObject,
  type Reader,
  ROOT,
  readArray,
  readBoolean,
  readInteger,
  readObject,
  readOneOf,
  readString,
} from './read-json.ts'
import { type RuleScope, readStoredRules, toRuleTable } from './read-rules.ts'
import { readField, readSchema } from './read-schema.ts'
import type { StoredRules } from './stored-rules.ts'

/**
 * Reads a serialised Program: its text, or what `JSON.parse` made of it.
 * @throws PolicyLangError `invalid-program` where it is none, one of another format version, or refers to nothing
 */
export function parseProgram(input: unknown): Program {
  const json = typeof input === 'string' ? parseJson(input) : input
  checkFormat(json)
  const { rules: stored, ...rest } = readStoredProgram(json, ROOT)
  checkReferences(rest, stored.shapes)
  const cells = toCells(rest.schema)
  const parameterCounts = new Map(rest.roles.map(({ name, parameters }) => [name, parameters.length]))
  const scope: RuleScope = {
    sourceCount: rest.sources.length,
    cellCount: cells.length,
    hasParameters: (role) => {
      const count = parameterCounts.get(role)
      return count === undefined ? undefined : count > 0
    },
  }
  return { ...rest, cells, rules: toRuleTable(stored, scope, below(ROOT, 'rules')) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PolicyLangError('invalid-program', 'not a valid program: the text is no JSON', {
      problems: [{ path: '$', message: 'no JSON' }],
      cause,
    })
  }
}

/** Ahead of everything else: a newer format is told as such, not as its first unknown member. */
function checkFormat(json: unknown): void {
  const { format, formatVersion } = openObject(json, ROOT)
  if (format !== PROGRAM_FORMAT) fail(below(ROOT, 'format'), `expected \`${PROGRAM_FORMAT}\``)
  if (formatVersion !== PROGRAM_FORMAT_VERSION) {
    fail(below(ROOT, 'formatVersion'), `this engine reads format version ${PROGRAM_FORMAT_VERSION} only`)
  }
}

const index = readInteger(0, Number.MAX_SAFE_INTEGER)
const doc = { optional: readString }
const at = readPlace

const readCondition = readObject<ProgramCondition>({ code: readCode, text: readString, at })
const readRole = readObject<ProgramRole>({
  name: readString,
  isInherited: readBoolean,
  parameters: readArray(readField),
  extends: readArray(readString),
  when: { optional: readCondition },
  conditions: readArray(
    readObject<RoleConditionCode>({ types: readArray(readString), condition: readCondition }),
  ),
  at,
  doc,
})

const readEntityRef = readObject<JsonEntityRef>({ type: readString, id: readString })
const readTypeOnly = readObject<{ readonly type: string }>({ type: readString })
const readHolders = readObject<{ readonly role: string; readonly on: JsonEntityRef }>({
  role: readString,
  on: readEntityRef,
})
const readScope: Reader<ScopeRecord> = (json, place) => {
  if (json === '*') return json
  return Object.hasOwn(openObject(json, place), 'id') ? readEntityRef(json, place) : readTypeOnly(json, place)
}
const readTarget: Reader<TargetRecord> = (json, place) => {
  const isHolders = json !== '*' && Object.hasOwn(openObject(json, place), 'role')
  return isHolders ? readHolders(json, place) : readScope(json, place)
}
const readExpires: Reader<string> = (json, place) =>
  typeof json === 'string' && parseDatetime(json) !== undefined ? json : fail(place, 'expected a datetime')
const readAssignment = readObject<ProgramAssignment>({
  role: readString,
  to: readTarget,
  on: readScope,
  with: { optional: readJsonObject },
  expires: { optional: readExpires },
  at,
})

function readJsonObject(json: unknown, place: JsonPlace): JsonObject {
  const result: { [name: string]: JsonValue } = Object.create(null)
  for (const [name, value] of Object.entries(openObject(json, place))) {
    result[name] = readJsonValue(value, below(place, name))
  }
  return result
}

function readJsonValue(json: unknown, place: JsonPlace): JsonValue {
  if (json === null || typeof json === 'boolean' || typeof json === 'string') return json
  if (typeof json === 'number') return Number.isFinite(json) ? json : fail(place, 'number out of range')
  if (typeof json !== 'object') return fail(place, 'no JSON')
  return Array.isArray(json) ? readArray(readJsonValue)(json, place) : readJsonObject(json, place)
}

const readVersion: Reader<string> = (json, place) =>
  typeof json === 'string' && /^[0-9a-f]{64}$/.test(json) ? json : fail(place, 'expected a SHA-256 in hex')

/** A Program as it is written: without what follows from the rest. */
type StoredProgram = Omit<Program, 'cells' | 'rules'> & { readonly rules: StoredRules }

const readStoredProgram: Reader<StoredProgram> = readObject<StoredProgram>({
  format: readOneOf(PROGRAM_FORMAT),
  formatVersion: readOneOf(PROGRAM_FORMAT_VERSION),
  policyVersion: readVersion,
  sources: readArray(readString),
  schema: readSchema,
  roles: readArray(readRole),
  roleGraph: readObject<RoleGraph>({
    nodes: readArray(readObject<RoleGraph['nodes'][number]>({ role: readString, type: readString })),
    edges: readArray(readObject<RoleEdge>({ from: index, to: index, isNegative: readBoolean })),
  }),
  assignments: readArray(readAssignment),
  rules: readStoredRules,
})
