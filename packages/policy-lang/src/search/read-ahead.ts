// What the first searches over a store would have to wait for, made ahead, a little at a time. No answer rests on it.
import type { LinkedProgram } from '../evaluate/link.ts'
import type { EntityStore } from '../model/entity-data.ts'
import type { JsonEntityRef } from '../model/request.ts'
import type { SearchPage } from '../model/search.ts'
import { type SearchTools, searchActions, searchResources, searchSubjects } from './search.ts'
import type { SearchOptions } from './search-options.ts'

/** How far a store was read: plain data, to be handed back. */
export interface ReadAheadPlace {
  /** The piece of work that comes next. */
  readonly task: number
  /** Where it goes on. Left out: at its beginning. */
  readonly after?: string
  /** What was done so far: steps of searches while it rehearses, then entities that were read. */
  readonly count: number
}

export interface ReadAheadTools extends SearchTools {
  /** Has the engine read these entities of the store. */
  readonly read: (store: EntityStore, entities: readonly JsonEntityRef[]) => void
}

/** Does a little, and says where to go on. `undefined`: nothing is left. */
export type ReadAhead = (store: EntityStore, place?: ReadAheadPlace) => ReadAheadPlace | undefined

/** About a millisecond of work, each. */
const READ_AT_ONCE = 200
const STEPS_AT_ONCE = 300
/** So much of each search is rehearsed: enough for the machine to know the code. */
const MAX_STEPS = 1200
/** Questions that are rehearsed. With more of them, the others are met when somebody asks. */
const MAX_QUESTIONS = 100
/** Entities beyond are read when somebody asks: each takes some hundred bytes, and one that asks takes more. */
const MAX_READ = 250_000
const SUBJECT_COUNT = 5

const START: ReadAheadPlace = { task: 0, count: 0 }

export function createReadAhead(tools: ReadAheadTools): ReadAhead {
  const { linked } = tools
  const types = [...linked.types.keys()]
  let rehearsals: readonly Rehearsal[] | undefined
  return (store, place = START) => {
    rehearsals ??= listRehearsals(tools)
    const rehearse = rehearsals[place.task]
    if (rehearse !== undefined) return goOn(place, rehearse(store, place.after))
    const type = types[place.task - rehearsals.length]
    if (type === undefined || place.count >= MAX_READ) return undefined
    const entities = store.entitiesOf(type, place.after, READ_AT_ONCE)
    tools.read(store, entities)
    const { task, count } = place
    const last = entities.at(-1)
    if (last === undefined) return { task: task + 1, count }
    const each = linked.types.get(type)?.schema.isSubject === true ? SUBJECT_COUNT : 1
    return { task, after: last.id, count: count + each * entities.length }
  }
}

function goOn({ task, count }: ReadAheadPlace, { next, steps }: SearchPage<unknown>): ReadAheadPlace {
  return next === undefined || count + steps >= MAX_STEPS
    ? { task: task + 1, count: 0 }
    : { task, after: next, count: count + steps }
}

/** Asks a part of a question. What is found is thrown away: what matters is that all has been in use that answers. */
type Rehearsal = (store: EntityStore, after: string | undefined) => SearchPage<unknown>

function listRehearsals(tools: ReadAheadTools): readonly Rehearsal[] {
  return listQuestions(tools.linked).flatMap(({ subjectType, action: name, resourceType }) => {
    const create =
      (ask: (question: Known, options: SearchOptions) => SearchPage<unknown>): Rehearsal =>
      (entities, after) => {
        const [subject] = entities.entitiesOf(subjectType, undefined, 1)
        const [resource] = entities.entitiesOf(resourceType, undefined, 1)
        // Of nobody and nothing, nothing is found either.
        if (subject === undefined || resource === undefined) return { results: [], steps: 0 }
        const part = { ...(after !== undefined && { after }), maxSteps: STEPS_AT_ONCE }
        return ask({ subject, resource, action: { name } }, { entities, now: () => 0, ...part })
      }
    return [
      create((known, options) =>
        searchResources(tools, { ...known, resource: { type: resourceType } }, options),
      ),
      create((known, options) =>
        searchSubjects(tools, { ...known, subject: { type: subjectType } }, options),
      ),
      create(({ subject, resource }, options) => searchActions(tools, { subject, resource }, options)),
    ]
  })
}

interface Known {
  readonly subject: JsonEntityRef
  readonly resource: JsonEntityRef
  readonly action: { readonly name: string }
}

/** What the policy set tells of a question. */
interface Question {
  readonly subjectType: string
  readonly action: string
  readonly resourceType: string
}

function listQuestions({ types }: LinkedProgram): readonly Question[] {
  const questions: Question[] = []
  const subjectTypes = [...types.values()].filter(({ schema }) => schema.isSubject)
  for (const { schema, actions } of types.values()) {
    for (const action of actions.keys()) {
      for (const { schema: subject } of subjectTypes) {
        if (questions.length === MAX_QUESTIONS) return questions
        questions.push({ subjectType: subject.name, action, resourceType: schema.name })
      }
    }
  }
  return questions
}
