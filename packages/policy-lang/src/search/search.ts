// Question with one side open → what closes it with an allow, page by page.
// In: a way to decide. Out: exactly the candidates that it allows. It must never know how a decision falls.

import { EMPTY_STORE } from '../evaluate/create-session.ts'
import type { DecideOptions } from '../evaluate/decide.ts'
import type { LinkedProgram } from '../evaluate/link.ts'
import { type ReadRequest, readRequest } from '../evaluate/read-request.ts'
import { UNNOTED_READS } from '../evaluate/reads.ts'
import { refuseIllTyped } from '../evaluate/refuse-ill-typed.ts'
import { createRequestClock } from '../evaluate/request-clock.ts'
import type { Answer } from '../model/answer.ts'
import { compareCodePoints } from '../model/code-points.ts'
import { isJsonObject, memberOf } from '../model/decode-value.ts'
import type { EntityStore } from '../model/entity-data.ts'
import type { DecisionRequest, JsonObject, JsonValue } from '../model/request.ts'
import type {
  ActionSearch,
  FoundAction,
  FoundEntity,
  ResourceSearch,
  SearchPage,
  SubjectSearch,
} from '../model/search.ts'
import { isKnownEntity } from './known-entity.ts'
import { DEFAULT_SEARCH_STEPS, type SearchOptions } from './search-options.ts'

export type Decide = (request: DecisionRequest, options: DecideOptions) => Answer

/** What a search is made with. */
export interface SearchTools {
  readonly linked: LinkedProgram
  readonly decide: Decide
}

/** Candidates that are fetched from the store at once. */
const CHUNK_LENGTH = 256

/** Far more than any search takes: what is left tells what was taken, and no decision ends for want of it. */
const UNLIMITED_STEPS = Number.MAX_SAFE_INTEGER

export function searchSubjects(
  tools: SearchTools,
  request: SubjectSearch,
  options: SearchOptions = {},
): SearchPage<FoundEntity> {
  const search = openSearch(tools, withoutId(request, 'subject'), options)
  const { type } = search.read.subject.ref
  if (!search.isAnswerable() || !search.isKnown('resource')) return NOTHING_FOUND
  const { action, resource, context, entities } = search.members
  return search.entities(type, (id) => ({ subject: { type, id }, action, resource, context, entities }))
}

export function searchResources(
  tools: SearchTools,
  request: ResourceSearch,
  options: SearchOptions = {},
): SearchPage<FoundEntity> {
  const search = openSearch(tools, withoutId(request, 'resource'), options)
  const { type } = search.read.resource.ref
  if (!search.isAnswerable() || !search.isKnown('subject')) return NOTHING_FOUND
  const { subject, action, context, entities } = search.members
  return search.entities(type, (id) => ({ subject, action, resource: { type, id }, context, entities }))
}

export function searchActions(
  tools: SearchTools,
  request: ActionSearch,
  options: SearchOptions = {},
): SearchPage<FoundAction> {
  const probe = isJsonObject(request) ? { ...request, action: { name: '' } } : request
  const search = openSearch(tools, probe, options)
  if (!search.isKnown('subject') || !search.isKnown('resource')) return NOTHING_FOUND
  const names = [...(tools.linked.types.get(search.read.resource.ref.type)?.actions.keys() ?? [])].sort(
    compareCodePoints,
  )
  const { after } = options
  const rest = after === undefined ? names : names.filter((name) => compareCodePoints(name, after) > 0)
  const { subject, resource, context, entities } = search.members
  return search.collect(
    [rest.map((id) => ({ id }))],
    (name) => ({ subject, action: { name }, resource, context, entities }),
    (name) => ({ name }),
  )
}

const NOTHING_FOUND: SearchPage<never> = Object.freeze({ results: Object.freeze([]), steps: 0 })

/** The shape of the request, with any id on the side that is looked for, and nothing else. */
function withoutId(request: unknown, side: 'subject' | 'resource'): unknown {
  if (!isJsonObject(request)) return request
  const searched = request[side]
  return isJsonObject(searched)
    ? { ...request, [side]: { type: memberOf(searched, 'type'), id: '' } }
    : request
}

/** Members that are not sent are `undefined`: naming them all is faster than copying what is there. */
type Question = { readonly [name in keyof DecisionRequest]: JsonValue | undefined }

interface OpenSearch {
  readonly members: Question
  readonly read: ReadRequest
  readonly isKnown: (side: 'subject' | 'resource') => boolean
  /** Whether the policy set has these types in these places, and the action: else all is denied. */
  readonly isAnswerable: () => boolean
  readonly entities: (type: string, ask: (id: string) => Question) => SearchPage<FoundEntity>
  readonly collect: <T extends object>(
    chunks: Iterable<Chunk>,
    ask: (candidate: string) => Question,
    found: (candidate: string) => T,
  ) => SearchPage<T>
}

/** @throws PolicyLangError as `decide`, whether there are candidates or not */
function openSearch({ linked, decide }: SearchTools, probe: unknown, options: SearchOptions): OpenSearch {
  const read = readRequest(probe)
  createRequestClock(read, options, UNNOTED_READS)
  if (options.strict === true) refuseIllTyped(read, linked)
  const store = options.entities ?? EMPTY_STORE
  const collect: OpenSearch['collect'] = (chunks, ask, found) =>
    collectPage(
      chunks,
      // INVARIANT: the shape was checked.
      (candidate, how) => decide(ask(candidate) as unknown as DecisionRequest, how),
      found,
      options,
    )
  return {
    members: membersOf(probe as JsonObject),
    read,
    isKnown: (side) => isKnownEntity(side, read, store, linked),
    isAnswerable: () => {
      const resource = linked.types.get(read.resource.ref.type)
      const isSubject = linked.types.get(read.subject.ref.type)?.schema.isSubject === true
      return isSubject && resource?.schema.isResource === true && resource.actions.has(read.action.name)
    },
    entities: (type, ask) => collect(listEntities(store, type, options.after), ask, (id) => ({ type, id })),
    collect,
  }
}

function membersOf(request: JsonObject): Question {
  return {
    subject: memberOf(request, 'subject'),
    action: memberOf(request, 'action'),
    resource: memberOf(request, 'resource'),
    context: memberOf(request, 'context'),
    entities: memberOf(request, 'entities'),
  }
}

/** Candidates by id, or by name. */
type Chunk = readonly { readonly id: string }[]

/** The entities of a type, some at a time. */
function* listEntities(store: EntityStore, type: string, start: string | undefined): Generator<Chunk> {
  let after = start
  for (;;) {
    const chunk = store.entitiesOf(type, after, CHUNK_LENGTH)
    if (chunk.length > 0) yield chunk
    if (chunk.length < CHUNK_LENGTH) return
    after = chunk.at(-1)?.id
  }
}

/** Decides one candidate after the other, until the page is full, or has taken its steps. */
function collectPage<T extends object>(
  chunks: Iterable<Chunk>,
  decide: (candidate: string, options: DecideOptions) => Answer,
  found: (candidate: string) => T,
  options: SearchOptions,
): SearchPage<T> {
  const { limit = Number.POSITIVE_INFINITY, maxSteps = DEFAULT_SEARCH_STEPS, stepsPerCandidate = 1 } = options
  const sharedSteps = { left: UNLIMITED_STEPS }
  const how = toDecideOptions(options, sharedSteps)
  const results: T[] = []
  let steps = 0
  let last: string | undefined
  for (const candidates of chunks) {
    for (const { id: candidate } of candidates) {
      // Only now is it known that something is left.
      if (last !== undefined && (results.length >= limit || steps >= maxSteps)) {
        return { results, next: last, steps }
      }
      last = candidate
      const answer = decide(candidate, how)
      if (answer.decision === 'allow') results.push(withDuties(found(candidate), answer))
      sharedSteps.left -= stepsPerCandidate
      steps = UNLIMITED_STEPS - sharedSteps.left
    }
  }
  return { results, steps }
}

/** The clock is read at most once: all decisions are made at one instant. */
function toDecideOptions(
  { entities, now, stepBudget, strict, allowRequestClock }: SearchOptions,
  sharedSteps: { left: number },
): DecideOptions {
  let instant: number | undefined
  return {
    sharedSteps,
    ...(entities !== undefined && { entities }),
    ...(now !== undefined && {
      now: () => {
        instant ??= now()
        return instant
      },
    }),
    ...(stepBudget !== undefined && { stepBudget }),
    ...(strict !== undefined && { strict }),
    ...(allowRequestClock !== undefined && { allowRequestClock }),
  }
}

function withDuties<T extends object>(found: T, { obligations, advice }: Answer): T {
  if (obligations.length === 0 && advice.length === 0) return found
  return {
    ...found,
    ...(obligations.length > 0 && { obligations }),
    ...(advice.length > 0 && { advice }),
  }
}
