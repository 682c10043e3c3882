// What can be looked for, as it stands on the wire (AuthZEN 1.0 §8). What the engine reads beside `properties` does not
// travel there: `roles` and `parents` of a given side go inside.
import type { AnswerDuty, JsonEntityRef, JsonObject, RequestAction } from './types.ts'

export interface SearchEntity extends JsonEntityRef {
  readonly properties?: JsonObject
}

/** Who may do it? */
export interface SubjectSearch {
  readonly subject: { readonly type: string }
  readonly action: RequestAction
  readonly resource: SearchEntity
  readonly context?: JsonObject
}

/** Whose question it is: a subject, or the end user whom a token names. */
export type SearchingSubject =
  | { readonly subject: SearchEntity; readonly token?: never }
  | { readonly token: string; readonly subject?: never }

/** On what may the subject do it? */
export type ResourceSearch = SearchingSubject & {
  readonly action: RequestAction
  readonly resource: { readonly type: string }
  readonly context?: JsonObject
}

/** What may the subject do there? */
export type ActionSearch = SearchingSubject & {
  readonly resource: SearchEntity
  readonly context?: JsonObject
}

/** What an allow asks for. */
interface FoundDuties {
  /** All understood. Left out where there are none. */
  readonly obligations?: readonly AnswerDuty[]
  readonly advice?: readonly AnswerDuty[]
}

export interface FoundEntity extends JsonEntityRef, FoundDuties {}

export interface FoundAction extends FoundDuties {
  readonly name: string
}

/** For one search; what is left out comes from the client's options. */
export interface SearchOptions {
  /** Gives the search up. */
  readonly signal?: AbortSignal
  /** For each page. Default 10,000 ms: a search takes longer than a decision. */
  readonly timeoutMs?: number
  /** Results with any other are left out: nobody may act on them. Default: the client's. */
  readonly understoodObligations?: readonly string[]
  /** Most results of a page, at least 1. Default 1,000. */
  readonly limit?: number
  /** The `nextToken` of a page, to go on behind it, with the same request and limit. Default: from the beginning. */
  readonly pageToken?: string
}

export interface SearchPage<T> {
  /** Some of what there is; may be empty, and others may follow. */
  readonly results: readonly T[]
  /** Leads to the next page. Left out: this is the last. */
  readonly nextToken?: string
}

/**
 * The pages of a search, each asked for when it is iterated to. Iterating throws `PdpClientError` where a page cannot be
 * had: what came before is true, and not all.
 */
export interface SearchPages<T> extends AsyncIterable<SearchPage<T>> {
  /** All results of all pages. Rejects with `PdpClientError` where a page cannot be had: never some for all. */
  readonly all: () => Promise<readonly T[]>
}
