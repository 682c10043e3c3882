import type { IgnoredInput } from '../model/answer.ts'
import type { EntityStore } from '../model/entity-data.ts'
import { shortenText } from '../model/short-text.ts'
import type { FieldType } from '../model/types.ts'
import { createAssignmentFinder, type FindAssignments } from './assignments.ts'
import type { Clock } from './clock.ts'
import { createFacts } from './facts.ts'
import { createInputs } from './inputs.ts'
import type { LinkedProgram, LinkedType } from './link.ts'
import { createMeter } from './meter.ts'
import type { ReadRequest } from './read-request.ts'
import type { Reads } from './reads.ts'
import { readRequestRoles } from './request-roles.ts'
import { createRoles } from './roles.ts'
import type { DecideOptions, Observe, Session } from './session.ts'
import { findStoredMembers } from './stored-members.ts'

/** Steps that one decision may take. */
const DEFAULT_STEP_BUDGET = 1_000_000

/** A store without entities and assignments. */
export const EMPTY_STORE: EntityStore = {
  entity: () => 'absent',
  assignmentsTo: () => [],
  assignmentsOn: () => [],
  rolesToHolders: [],
  entitiesOf: () => [],
  version: 'empty',
}

export interface SessionSetup {
  readonly linked: LinkedProgram
  readonly request: ReadRequest
  readonly subjectType: LinkedType
  /** Parameters of the action asked for. */
  readonly parameters: ReadonlyMap<string, FieldType>
  readonly clock: Clock
  readonly reads: Reads
  readonly options: DecideOptions
  readonly observe?: Observe
}

/** Everything that one decision rests on, nothing of it read yet but the shape of the request. */
export function createSession(setup: SessionSetup): {
  readonly session: Session
  /** What had no effect, as far as it has been come across. */
  readonly ignored: () => readonly IgnoredInput[]
  readonly findAssignments: FindAssignments
} {
  const { linked, request, clock, reads, options, observe } = setup
  const store = options.entities ?? EMPTY_STORE
  const meter = createMeter(options.stepBudget ?? DEFAULT_STEP_BUDGET, options.sharedSteps)
  const requested = readRequestRoles(request.subject, setup.subjectType, linked)
  const facts = createFacts({ linked, request, store, meter, reads })
  const subject = request.subject.ref
  const undeclared = new Set<string>()
  const findAssignments = createAssignmentFinder({
    linked,
    store,
    subject,
    facts,
    requested,
    meter,
    reads,
    onUndeclared: (role) => undeclared.add(role),
  })
  const session: Session = {
    linked,
    subject,
    resource: request.resource.ref,
    actionName: request.action.name,
    meter,
    reads,
    clock,
    facts,
    inputs: createInputs(linked, request, setup.parameters, reads),
    roles: createRoles(() => session, findAssignments),
    ...(observe !== undefined && { observe }),
  }
  const ofRequest = [...requested.ignored, ...findStoredMembers(request, linked)]
  const ignored = (): readonly IgnoredInput[] => [...ofRequest, ...[...undeclared].map(toIgnoredRows)]
  return { session, ignored, findAssignments }
}

function toIgnoredRows(role: string): IgnoredInput {
  const message = `there is no role \`${shortenText(role)}\`: stored assignments of it are left out`
  return { path: 'store.assignments', message }
}
