// What emitted code calls for anything longer than a line. Values are in the fast form: instants and durations are
// milliseconds, a reference to one type is its id, sets, maps and records are the checked JSON itself.

import type { RE2JS } from 're2js'
import { matchesWildcard } from '../evaluate/wildcard.ts'
import {
  datetimeFromEpochSeconds,
  MAX_EPOCH_MS,
  MIN_EPOCH_MS,
  parseDatetime,
  toDatetime,
} from '../model/datetime.ts'
import { decodeValue, isIllTyped } from '../model/decode-value.ts'
import { parseDuration, toDuration } from '../model/duration.ts'
import { equalValues } from '../model/equal-values.ts'
import { ipContains, isLoopback, isMulticast, parseIp } from '../model/ip.ts'
import type { JsonObject, JsonValue } from '../model/request.ts'
import { dayOfWeek, timeOfDayMs } from '../model/time-zone.ts'
import type { Type } from '../model/types.ts'
import type { IpValue } from '../model/values.ts'
import type { Above } from './entity-view.ts'
import { either, FAIL, FAILED, FALSE, type FastOutcome, type FastValue, LEAVE, TRUE } from './outcome.ts'
import { charge, knownAbove, nodeOfSubject, noteFlip, type Run, readAbove, readInstant } from './run.ts'

/**
 * What work counts. INVARIANT: no less than a tenth of what the reference counts for values of ordinary length, since a
 * tenth of its budget is left to the fast form. Divided, and not shifted: products of lengths may be larger than 32 bits.
 */
function stepsOf(work: number, workPerStep: number): number {
  return Math.floor(work / workPerStep)
}

const CHARACTERS_PER_STEP = 64
const COMPARISONS_PER_STEP = 4096
const ELEMENTS_PER_STEP = 8
const PAIRS_PER_STEP = 16

type Json = JsonValue | undefined | typeof FAIL

/** A number that fits its type. */
export function isFastNumber(json: Json): boolean {
  return typeof json === 'number' && json <= Number.MAX_SAFE_INTEGER && json >= -Number.MAX_SAFE_INTEGER
}

/** A reference in the fast form, where its type is not known beforehand. */
interface Reference {
  readonly type: string
  readonly id: string
}

export function toDatetimeMs(json: Json): number | undefined | typeof FAIL {
  if (typeof json === 'string') return parseDatetime(json)?.epochMs ?? FAIL
  if (typeof json === 'number') return datetimeFromEpochSeconds(json)?.epochMs ?? FAIL
  return json === undefined ? undefined : FAIL
}

export function toDurationMs(json: Json): number | undefined | typeof FAIL {
  if (typeof json === 'string') return parseDuration(json)?.ms ?? FAIL
  return json === undefined ? undefined : FAIL
}

export function toIp(json: Json): IpValue | undefined | typeof FAIL {
  if (typeof json === 'string') return parseIp(json) ?? FAIL
  return json === undefined ? undefined : FAIL
}

/** The id of a reference to this type. */
export function toEntityId(json: Json, type: string): string | undefined | typeof FAIL {
  if (typeof json === 'string') return json
  if (json === undefined) return undefined
  return isReference(json) && json.type === type ? json.id : FAIL
}

/** A reference to one of several types. */
export function toReference(json: Json, types: ReadonlySet<string>): Reference | undefined | typeof FAIL {
  if (json === undefined) return undefined
  return isReference(json) && types.has(json.type) ? json : FAIL
}

/** Of an object that inherits its members, none counts; an array has neither. */
function isReference(json: Json): json is Reference & JsonObject {
  if (typeof json !== 'object' || json === null) return false
  const { type, id, __proto__: above } = json as JsonObject
  return (above as unknown) === Object.prototype && typeof type === 'string' && typeof id === 'string'
}

/** A set, map or record that fits its type whole. */
export function toChecked(run: Run, json: Json, type: Type): Json {
  if (json === undefined || json === FAIL) return json
  return fits(run, json, type) ? json : FAIL
}

function fits(run: Run, json: JsonValue | undefined, type: Type): boolean {
  switch (type.kind) {
    case 'string':
      return typeof json === 'string'
    case 'bool':
      return typeof json === 'boolean'
    case 'set':
      return Array.isArray(json) && fitsSet(run, json as readonly JsonValue[], type.element)
    case 'map':
      return isObject(json) && fitsMap(run, json, type.value)
    case 'record':
      return isObject(json) && fitsRecord(run, json, type)
    default:
      return json !== undefined && json !== null && !isIllTyped(decodeValue(json, type, ''))
  }
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function fitsSet(run: Run, elements: readonly JsonValue[], type: Type): boolean {
  charge(run, stepsOf(elements.length, ELEMENTS_PER_STEP))
  for (let index = 0; index < elements.length; index += 1) {
    if (!fits(run, elements[index], type)) return false
  }
  return true
}

function fitsMap(run: Run, json: JsonObject, type: Type): boolean {
  for (const name of Object.keys(json)) {
    charge(run, 1)
    const entry = json[name]
    if (entry !== null && entry !== undefined && !fits(run, entry, type)) return false
  }
  return true
}

function fitsRecord(run: Run, json: JsonObject, { fields }: Extract<Type, { kind: 'record' }>): boolean {
  for (const { name, type, isOptional } of fields) {
    const member = Object.hasOwn(json, name) ? json[name] : undefined
    if (member === null || member === undefined) {
      if (!isOptional) return false
    } else if (!fits(run, member, type)) return false
  }
  return true
}

/** `e in f`. */
export function liesIn(run: Run, type: string, id: string, groupType: string, groupId: string): FastOutcome {
  if (type === groupType && id === groupId) return TRUE
  return isAbove(run, readAbove(run, type, id), groupType, groupId)
}

/** `subject in f`. */
export function subjectLiesIn(run: Run, groupType: string, groupId: string): FastOutcome {
  const { type, id } = run.subject
  if (type === groupType && id === groupId) return TRUE
  const known = run.hasSentParents ? undefined : knownAbove(run, nodeOfSubject(run))
  return isAbove(run, known ?? readAbove(run, type, id), groupType, groupId)
}

function isAbove(run: Run, above: Above, groupType: string, groupId: string): FastOutcome {
  const ids = groupType === above.firstType ? above.firstIds : above.byType.get(groupType)
  if (ids?.has(groupId) === true) return TRUE
  return above.unknown.length > 0 && mayReach(run, above.unknown, groupType) ? FAILED : FALSE
}

/** Whether entities of the type may stand above one whose parents are not known. */
export function mayReach(run: Run, unknown: readonly string[], type: string): boolean {
  for (const below of unknown) if (run.ancestorTypes.get(below)?.has(type) === true) return true
  return false
}

/** `e in s`, where the members are ids of one type or references. */
export function liesInSet(
  run: Run,
  type: string,
  id: string,
  set: readonly JsonValue[],
  memberType: string | undefined,
): FastOutcome {
  let outcome: FastOutcome = FALSE
  charge(run, set.length >> 2)
  for (const member of set) {
    const one = memberOutcome(run, type, id, member, memberType)
    if (one === TRUE) return TRUE
    outcome = either(outcome, one)
  }
  return outcome
}

function memberOutcome(
  run: Run,
  type: string,
  id: string,
  member: JsonValue,
  memberType: string | undefined,
): FastOutcome {
  if (typeof member === 'string') return liesIn(run, type, id, memberType ?? '', member)
  const { type: groupType, id: groupId } = member as unknown as Reference
  return liesIn(run, type, id, groupType, groupId)
}

/** `s.contains(e)`. */
export function holdsEntity(set: readonly JsonValue[], type: string, id: string): boolean {
  for (const member of set) {
    if (typeof member === 'string' ? member === id : isSame(member as unknown as Reference, type, id))
      return true
  }
  return false
}

function isSame(reference: Reference, type: string, id: string): boolean {
  return reference.id === id && reference.type === type
}

export function containsAll(run: Run, set: readonly JsonValue[], others: readonly JsonValue[]): boolean {
  chargePairs(run, set, others)
  for (const other of others) if (!set.includes(other)) return false
  return true
}

export function containsAny(run: Run, set: readonly JsonValue[], others: readonly JsonValue[]): boolean {
  chargePairs(run, set, others)
  for (const other of others) if (set.includes(other)) return true
  return false
}

function chargePairs(
  run: Run,
  { length: some }: { readonly length: number },
  others: readonly unknown[],
): void {
  charge(
    run,
    stepsOf(some + others.length, ELEMENTS_PER_STEP) + stepsOf(some * others.length, PAIRS_PER_STEP),
  )
}

/** `ip in cidr`. */
export function ipLiesIn(ip: FastValue, net: FastValue): boolean {
  return ipContains(net as IpValue, ip as IpValue)
}

export function equalIps(a: FastValue, b: FastValue): boolean {
  return equalValues(a as IpValue, b as IpValue)
}

export function ipIsLoopback(ip: FastValue): boolean {
  return isLoopback(ip as IpValue)
}

export function ipIsMulticast(ip: FastValue): boolean {
  return isMulticast(ip as IpValue)
}

export function shiftDatetime(epochMs: number, ms: number): number | typeof FAIL {
  return toDatetime(epochMs + ms)?.epochMs ?? FAIL
}

/** Of a difference or sum of durations, or of datetimes. */
export function checkDuration(ms: number): number | typeof FAIL {
  return toDuration(ms)?.ms ?? FAIL
}

export function timeOfDay(epochMs: number, timeZone: string | undefined): number {
  return timeOfDayMs(epochMs, timeZone)
}

export function weekday(epochMs: number, timeZone: string | undefined): string {
  return dayOfWeek(epochMs, timeZone)
}

/** Text work counts by its length, as in the reference. */
export function chargeText(run: Run, length: number): void {
  charge(run, stepsOf(length, CHARACTERS_PER_STEP))
}

function chargeSearch(run: Run, text: string, piece: string): void {
  charge(run, stepsOf(text.length * piece.length, COMPARISONS_PER_STEP))
}

/**
 * `context.now + offset ⋚ other`, noting when the outcome can change.
 * @param operator `<` and `>=` come out differently at the instant itself, `<=` and `>` after it
 */
export function meetClock(run: Run, offset: number, other: number, operator: string): number | typeof FAIL {
  const shifted = readInstant(run) + offset
  if (offset !== 0) {
    if (toDatetime(shifted) === undefined) throw LEAVE
    noteFlip(run, offset > 0 ? MAX_EPOCH_MS - offset + 1 : MIN_EPOCH_MS - offset)
  }
  const meeting = other - offset
  if (operator !== '<=' && operator !== '>') noteFlip(run, meeting)
  if (operator !== '<' && operator !== '>=') noteFlip(run, meeting + 1)
  return shifted
}

export function checkNumber(result: number): number | typeof FAIL {
  return Math.abs(result) <= Number.MAX_SAFE_INTEGER ? result : FAIL
}

export function join(run: Run, a: string, b: string): string {
  chargeText(run, a.length + b.length)
  return a + b
}

export function lower(run: Run, text: string): string {
  chargeText(run, text.length)
  return text.toLowerCase()
}

/** `text.contains(piece)`. */
export function includes(run: Run, text: string, piece: string): boolean {
  chargeSearch(run, text, piece)
  return text.includes(piece)
}

/** `set.contains(element)`, where elements are their own JSON. */
export function holds(run: Run, set: readonly JsonValue[], element: JsonValue): boolean {
  charge(run, stepsOf(set.length, ELEMENTS_PER_STEP))
  return set.includes(element)
}

export function isLike(run: Run, text: string, pattern: string): boolean {
  chargeText(run, text.length)
  chargeSearch(run, text, pattern)
  return matchesWildcard(text, pattern)
}

export function matches(run: Run, text: string, pattern: RE2JS): boolean {
  chargeText(run, text.length)
  chargeSearch(run, text, pattern.pattern())
  return pattern.testExact(text)
}
