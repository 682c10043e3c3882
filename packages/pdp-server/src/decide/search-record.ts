// What is asked of a search, and what is told of it.
import type {
  ActionSearch,
  FoundAction,
  FoundEntity,
  ResourceSearch,
  SearchPage,
  SubjectSearch,
} from '@edict/policy-lang/program'
import type { DecisionOrigin } from './decision-record.ts'

export type SearchQuestion =
  | { readonly kind: 'subject'; readonly request: SubjectSearch }
  | { readonly kind: 'resource'; readonly request: ResourceSearch }
  | { readonly kind: 'action'; readonly request: ActionSearch }

export type SearchKind = SearchQuestion['kind']

/** From where on, and how far. */
export interface SearchPart {
  readonly after?: string
  readonly limit?: number
  readonly maxSteps?: number
  readonly stepsPerCandidate?: number
}

export type Found = SearchPage<FoundEntity | FoundAction>

/** How the search for one page went. */
export interface SearchOutcome {
  readonly question: SearchQuestion
  /** How many results go out. */
  readonly count: number
  /** Whether there may be more. */
  readonly isCut: boolean
  readonly durationMs: number
}

/** One page of a search, as it goes out. The question is that of the exchange: to be read soon, and never changed. */
export interface SearchRecord extends SearchOutcome {
  readonly id: string
  readonly origin: DecisionOrigin
  /** The instant that all of it was decided at, in epoch milliseconds. */
  readonly time: number
  readonly policyVersion: string
  /** Undefined where no entity data is loaded. */
  readonly dataVersion: string | undefined
}
