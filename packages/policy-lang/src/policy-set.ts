import { canMakeCode } from './emit/compile-js.ts'
import { createFastDecider } from './emit/fast-decider.ts'
import { EMPTY_STORE } from './evaluate/create-session.ts'
import { type DecideOptions, decide } from './evaluate/decide.ts'
import { type ExplainOptions, explain } from './evaluate/explain.ts'
import { linkProgram } from './evaluate/link.ts'
import type { Answer, Explanation } from './model/answer.ts'
import type { EntityStore } from './model/entity-data.ts'
import type { QuestionKind } from './model/question-kind.ts'
import type { DecisionRequest } from './model/request.ts'
import type {
  ActionSearch,
  FoundAction,
  FoundEntity,
  ResourceSearch,
  SearchPage,
  SubjectSearch,
} from './model/search.ts'
import type { Program } from './program/program.ts'
import type { TestCase } from './program/test-case.ts'
import { createReadAhead, type ReadAheadPlace } from './search/read-ahead.ts'
import { searchActions, searchResources, searchSubjects } from './search/search.ts'
import type { SearchOptions } from './search/search-options.ts'

/** A policy set that can answer. It never changes: loading again gives another one. */
export interface PolicySet {
  /** The compiled form: plain data, to be stored or sent elsewhere with `serializeProgram`. */
  readonly program: Program
  /** SHA-256 of the canonical form, lower-case hex: the `policyVersion` of every answer. */
  readonly version: string
  /** The `test` blocks of the sources; none where the set was made from a Program. */
  readonly tests: readonly TestCase[]
  /**
   * How it decides: by `code` made from the Program, or by walking it (`reference`) where making code is forbidden.
   * The answers are the same.
   */
  readonly engine: 'code' | 'reference'

  /**
   * Decides one request.
   * @throws PolicyLangError `malformed-request` where it is no request; in strict mode `invalid-request`;
   * `clock-not-allowed` where it holds `context.now` without `allowRequestClock`
   */
  decide(request: DecisionRequest, options?: DecideOptions): Answer

  /**
   * Decides one request and says why: nearest misses of a denial, how roles are held, and with `trace: true` what
   * every rule did.
   * @throws PolicyLangError as `decide`
   * @example
   * ```ts
   * import { loadPolicySet } from '@edict/policy-lang'
   *
   * const text = `
   *   subject Person
   *   resource Note { isDraft: Bool  actions read }
   *   rule published: allow read on Note if !resource.isDraft
   * `
   * const { policySet } = loadPolicySet([{ name: 'notes.edict', text }])
   * const explanation = policySet?.explain({
   *   subject: { type: 'Person', id: 'mia' },
   *   action: { name: 'read' },
   *   resource: { type: 'Note', id: 'n1', properties: { isDraft: true } },
   * })
   * explanation?.decision // => 'deny'
   *
   * const [miss] = explanation?.nearestMisses ?? []
   * miss?.rule // => 'published'
   * miss?.first.text // => '!resource.isDraft'
   * miss?.first.values // => [{ expression: 'resource.isDraft', state: 'value', value: true }]
   * ```
   */
  explain(request: DecisionRequest, options?: ExplainOptions): Explanation

  /**
   * Who may do it: the stored entities of a type that `decide` allows it to, by id in code-point order. Where nothing
   * is known of the resource, nobody.
   * @throws PolicyLangError as `decide`
   * @example
   * ```ts
   * import { loadEntityData, loadPolicySet } from '@edict/policy-lang'
   *
   * const text = `
   *   subject Person { team: String }
   *   resource Note { team: String  actions read }
   *   rule team: allow read on Note if subject.team == resource.team
   * `
   * const { policySet } = loadPolicySet([{ name: 'notes.edict', text }])
   * const data = {
   *   entities: [
   *     { type: 'Person', id: 'mia', properties: { team: 'red' } },
   *     { type: 'Person', id: 'tom', properties: { team: 'blue' } },
   *     { type: 'Note', id: 'n1', properties: { team: 'red' } },
   *   ],
   * }
   * const entities = policySet && loadEntityData(policySet.program, [{ name: 'data.json', data }]).store
   * const found = policySet?.searchSubjects(
   *   { subject: { type: 'Person' }, action: { name: 'read' }, resource: { type: 'Note', id: 'n1' } },
   *   { ...(entities && { entities }) },
   * )
   * found?.results // => [{ type: 'Person', id: 'mia' }]
   * ```
   */
  searchSubjects(request: SubjectSearch, options?: SearchOptions): SearchPage<FoundEntity>

  /**
   * On what the subject may do it: the stored entities of a type on which `decide` allows it, by id in code-point
   * order. Where nothing is known of the subject, on none.
   * @throws PolicyLangError as `decide`
   */
  searchResources(request: ResourceSearch, options?: SearchOptions): SearchPage<FoundEntity>

  /**
   * What the subject may do with the resource: the actions of its type that `decide` allows without arguments, by name
   * in code-point order. Where nothing is known of either, nothing.
   * @throws PolicyLangError as `decide`
   */
  searchActions(request: ActionSearch, options?: SearchOptions): SearchPage<FoundAction>

  /** What decisions were about lately, bounded: for `prepare` of the policy set that comes next. */
  inUse(): readonly QuestionKind[]

  /**
   * Makes ready what first decisions of these kinds would have to make, so that none of them takes long. Each step takes
   * an instant; decisions may come between steps, and one may stop after any. It changes no answer. For a policy set
   * that does not decide yet.
   *
   * @param entities the entity data of the first decisions. Default: none.
   */
  prepare(kinds: readonly QuestionKind[], entities?: EntityStore): Iterable<undefined>

  /**
   * Reads a store ahead of what is asked, about a millisecond's work at a time: the first search then takes no longer
   * than the others. No answer rests on it. Call it again with what it gives until it gives `undefined`, for the same
   * store or one made of it by `changeEntityData`; left out, it begins.
   */
  readAhead(entities: EntityStore, place?: ReadAheadPlace): ReadAheadPlace | undefined
}

const NO_OPTIONS: DecideOptions = Object.freeze({})

/**
 * Makes a Program ready to answer. It is not checked: for what `loadPolicySet` made, or a structured clone of that,
 * such as from another thread. Stored Programs are for `loadProgram`.
 *
 * @throws PolicyLangError `invalid-program` where one of its patterns is no RE2
 */
export function createPolicySet(program: Program, tests: readonly TestCase[] = []): PolicySet {
  const linked = linkProgram(program)
  const fast = canMakeCode() ? createFastDecider(linked) : undefined
  const decideFast = (request: DecisionRequest, options: DecideOptions = NO_OPTIONS): Answer =>
    fast?.decide(request, options) ?? decide(linked, request, options)
  const tools = { linked, decide: decideFast }
  const readAhead = createReadAhead({ ...tools, read: fast?.read ?? (() => {}) })
  return Object.freeze({
    program,
    version: program.policyVersion,
    tests,
    engine: fast === undefined ? 'reference' : 'code',
    decide: decideFast,
    explain: (request: DecisionRequest, options?: ExplainOptions) => explain(linked, request, options),
    searchSubjects: (request: SubjectSearch, options?: SearchOptions) =>
      searchSubjects(tools, request, options),
    searchResources: (request: ResourceSearch, options?: SearchOptions) =>
      searchResources(tools, request, options),
    searchActions: (request: ActionSearch, options?: SearchOptions) => searchActions(tools, request, options),
    inUse: () => fast?.inUse() ?? [],
    prepare: (kinds: readonly QuestionKind[], entities: EntityStore = EMPTY_STORE) =>
      fast?.prepare(kinds, entities) ?? [],
    readAhead: (entities: EntityStore, place?: ReadAheadPlace) => readAhead(entities, place),
  })
}
