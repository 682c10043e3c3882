import type { AnswerDuty } from './answer.ts'
import type { DecisionRequest, JsonEntityRef, RequestEntity, RequestSubject } from './request.ts'

/** Which type of entities is looked for. Whatever else a request says of that side is ignored. */
export interface SearchedType {
  readonly type: string
}

/** Who may do it? (AuthZEN 1.0 §8.4) */
export interface SubjectSearch extends Omit<DecisionRequest, 'subject'> {
  readonly subject: SearchedType
}

/** On what may the subject do it? (AuthZEN 1.0 §8.5) */
export interface ResourceSearch extends Omit<DecisionRequest, 'resource'> {
  readonly resource: SearchedType
}

/** What may the subject do there, actions taken without arguments? (AuthZEN 1.0 §8.6) */
export interface ActionSearch extends Omit<DecisionRequest, 'action' | 'subject' | 'resource'> {
  readonly subject: RequestSubject
  readonly resource: RequestEntity
}

/** An allow may ask for something: without its obligations it counts as a deny. */
interface FoundDuties {
  /** Left out where there are none. */
  readonly obligations?: readonly AnswerDuty[]
  readonly advice?: readonly AnswerDuty[]
}

export interface FoundEntity extends JsonEntityRef, FoundDuties {}

export interface FoundAction extends FoundDuties {
  readonly name: string
}

/** Some of what there is to find, in code-point order of ids or names. */
export interface SearchPage<T> {
  readonly results: readonly T[]
  /**
   * Where to go on: the `after` of the next page, which may turn out to be empty. It need not be among the results.
   * Left out: nothing is left.
   */
  readonly next?: string
  /** How much work it was, in the steps of decisions. */
  readonly steps: number
}
