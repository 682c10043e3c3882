import { EMPTY_STORE } from '../evaluate/create-session.ts'
import type { LinkedProgram } from '../evaluate/link.ts'
import type { AssignmentView } from './assignment-view.ts'
import { createEntityView } from './entity-view.ts'
import { clearRun, NOTHING_SENT, type RequestEntity, type Run } from './run.ts'

/** The one run of a policy set, before its first decision. */
export function createRun(linked: LinkedProgram): Run {
  const run: Run = {
    subject: NOBODY,
    resource: NOBODY,
    context: NOTHING_SENT,
    clock: undefined,
    entities: createEntityView(EMPTY_STORE, { parentTypes: new Map(), decode: () => ({}) }),
    assignments: NO_ASSIGNMENTS,
    ancestorTypes: new Map([...linked.types].map(([name, { ancestors }]) => [name, ancestors])),
    isTouched: false,
    hasSentParents: false,
    sentRoles: [],
    sentCount: 0,
    grants: undefined,
    subjectNode: undefined,
    resourceNode: undefined,
    instant: undefined,
    flipsAt: 0,
    isUnbounded: false,
    steps: 0,
  }
  clearRun(run)
  return run
}

const NOBODY: RequestEntity = { type: '', id: '' }
const NO_GRANTS = { tables: [], isOpen: false, few: undefined, many: new Map(), roleSet: undefined }
const NO_ASSIGNMENTS: AssignmentView = {
  grantsOf: () => NO_GRANTS,
  grantsBelow: () => NO_GRANTS,
  toHolders: undefined,
  follow: () => {},
}
