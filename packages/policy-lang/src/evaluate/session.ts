import type { EntityStore } from '../model/entity-data.ts'
import type { AttributeSchema } from '../model/schema.ts'
import type { EntityRef, Value } from '../model/values.ts'
import type { Code, ProgramRole } from '../program/program.ts'
import type { Clock } from './clock.ts'
import type { LinkedProgram } from './link.ts'
import type { Meter, SharedSteps } from './meter.ts'
import type { Reads } from './reads.ts'
import type { Failure, Outcome, Result } from './result.ts'

export type Observe = (code: Code, result: Result, scope: Scope) => void

/** All that one decision rests on. What is looked up once stays the same until the decision has fallen. */
export interface Session {
  readonly linked: LinkedProgram
  readonly subject: EntityRef
  readonly resource: EntityRef
  readonly actionName: string
  readonly meter: Meter
  readonly clock: Clock
  readonly reads: Reads
  readonly facts: Facts
  readonly inputs: Inputs
  readonly roles: Roles
  /** Told every value that a condition comes to; explanations listen. */
  readonly observe?: Observe
}

/** What is known of entities: the request laid over the store. */
export interface Facts {
  /** A required attribute without a value, an unknown and an ill-typed one are failures. */
  readonly attribute: (entity: EntityRef, attribute: AttributeSchema) => Result
  /** Entities directly above, or `undefined` where that is not known. */
  readonly parents: (entity: EntityRef) => readonly EntityRef[] | undefined
}

/** What the request says besides entities. */
export interface Inputs {
  /** `context.NAME`. */
  readonly context: (name: string) => Result
  /** `action.NAME`. */
  readonly parameter: (name: string) => Result
  readonly declaresContext: (name: string) => boolean
  readonly declaresParameter: (name: string) => boolean
}

export interface Roles {
  /**
   * Whether the subject of the request holds the role on the entity.
   * @param isNegative whether the answer is used other than positively, so that it must be final
   */
  readonly holds: (role: string, entity: EntityRef, isNegative: boolean) => Outcome
  /** Every assignment by which the subject may hold the role on the entity, those that do not count left out. */
  readonly instances: (role: ProgramRole, entity: EntityRef) => readonly RoleInstance[]
}

/** One counting assignment of a role with parameters. */
export interface RoleInstance {
  /** Never false. */
  readonly outcome: Outcome
  readonly parameters: RoleParameters
}

/** By name; optional ones may be missing. A failure where the assignment is not known. */
export type RoleParameters = ReadonlyMap<string, Value> | Failure

/** What the names in an expression stand for. */
export interface Scope {
  /** The entity a rule or a role condition is about; `undefined` in a role's `when`. */
  readonly resource: EntityRef | undefined
  readonly parameters: RoleParameters
  readonly variables: ReadonlyMap<string, Value>
}

export interface DecideOptions {
  /** Where entity data comes from. Default: a store that holds nothing. */
  readonly entities?: EntityStore
  /** Epoch milliseconds; called at most once. Default: reading `context.now` fails. */
  readonly now?: () => number
  /** `full`: every reason and error. Default `brief`: one reason and at most 10 errors. */
  readonly detail?: 'brief' | 'full'
  /** Whether the answer carries its footprint. Default false. */
  readonly footprint?: boolean
  /** Steps after which the decision is a deny with `budgetExceeded`. Default 1,000,000. */
  readonly stepBudget?: number
  /**
   * Steps that several decisions have together, each besides its own budget. What a decision takes is taken off;
   * where nothing is left, it is a deny with `budgetExceeded`. Default: no such limit.
   */
  readonly sharedSteps?: SharedSteps
  /** Whether a request with an ill-typed value is refused whole. Default false: only rules that read it fail. */
  readonly strict?: boolean
  /** Whether `context.now` of the request sets the clock. Default false: such a request is refused. */
  readonly allowRequestClock?: boolean
}
