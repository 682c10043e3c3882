// Assignments as the fast form reads them: what is given on one scope, by whom it is given to. Rows that need more
// than a look-up (an end, parameters, a `when`, holders of a role) are only named here: the reference judges them.
import type { AssignmentRecord, EntityStore, ScopeRecord } from '../model/entity-data.ts'
import type { ProgramAssignment } from '../program/program.ts'

/** Roles, by their index in the Program, given on one scope. */
export interface ScopeTable {
  readonly toEntities: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
  readonly toTypes: ReadonlyMap<string, readonly number[]>
  readonly toAnyone: readonly number[]
  /** Roles that a row here may give, if what the row asks for is so. */
  readonly conditional: readonly number[]
  readonly isEmpty: boolean
}

/** How a row's role counts. `undefined`: the policy does not declare it. */
export interface RoleSite {
  readonly index: number
  /** It has parameters or a `when`: an assignment of it does not count by itself. */
  readonly isConditional: boolean
}

export interface AssignmentView {
  readonly everywhere: ScopeTable
  readonly onType: (type: string) => ScopeTable
  readonly onEntity: (type: string, id: string) => ScopeTable
  /** Whether there may be assignments on single entities of the type. */
  readonly mayBeOnEntity: (type: string) => boolean
}

const NONE: readonly number[] = []
export const EMPTY_TABLE: ScopeTable = {
  toEntities: new Map(),
  toTypes: new Map(),
  toAnyone: NONE,
  conditional: NONE,
  isEmpty: true,
}

/** Told where rows of roles are left out that nobody declares: the reference reports them. */
export const UNDECLARED = -1

/**
 * @param written assignments in policy text, by their scope
 */
export function createAssignmentView(
  store: EntityStore,
  roles: ReadonlyMap<string, RoleSite>,
  written: (scope: ScopeRecord) => readonly ProgramAssignment[],
  writtenTypes: ReadonlySet<string>,
): AssignmentView {
  const tables = new WeakMap<readonly AssignmentRecord[], ScopeTable>()
  const ofTypes = new Map<string, ScopeTable>()
  const tableOf = (scope: ScopeRecord): ScopeTable => {
    const inText = written(scope)
    const stored = store.assignmentsOn(scope)
    if (inText.length === 0 && stored.length === 0) return EMPTY_TABLE
    if (inText.length > 0) return buildTable([...inText, ...stored], roles)
    const known = tables.get(stored) ?? buildTable(stored, roles)
    tables.set(stored, known)
    return known
  }
  let everywhere: ScopeTable | undefined
  return {
    get everywhere() {
      everywhere ??= tableOf('*')
      return everywhere
    },
    onType(type) {
      const table = ofTypes.get(type) ?? tableOf({ type })
      ofTypes.set(type, table)
      return table
    },
    onEntity: (type, id) => tableOf({ type, id }),
    mayBeOnEntity: (type) => writtenTypes.has(type) || (store.hasAssignmentsOn?.(type) ?? true),
  }
}

function buildTable(rows: readonly AssignmentRecord[], roles: ReadonlyMap<string, RoleSite>): ScopeTable {
  const toEntities = new Map<string, Map<string, number[]>>()
  const toTypes = new Map<string, number[]>()
  const toAnyone: number[] = []
  const conditional: number[] = []
  for (const { role, to, expires } of rows) {
    const site = roles.get(role)
    if (site === undefined) conditional.push(UNDECLARED)
    else if (site.isConditional || (expires !== undefined && expires !== null)) conditional.push(site.index)
    else if (to === '*') toAnyone.push(site.index)
    else if ('role' in to) conditional.push(site.index)
    else if ('id' in to) {
      const ofType = toEntities.get(to.type) ?? new Map<string, number[]>()
      toEntities.set(to.type, ofType)
      push(ofType, to.id, site.index)
    } else push(toTypes, to.type, site.index)
  }
  return { toEntities, toTypes, toAnyone, conditional: [...new Set(conditional)], isEmpty: false }
}

function push(lists: Map<string, number[]>, key: string, item: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}
