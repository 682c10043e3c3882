// Rows → assignments, grouped so that one decision looks only at those that may be the subject's: a role may be
// assigned to as many subjects as there are.
import { targetKey } from '../model/assignment-key.ts'
import { decodeValue, describeIllTyped, isIllTyped } from '../model/decode-value.ts'
import type { AssignmentRecord, ScopeRecord, TargetRecord } from '../model/entity-data.ts'
import type { JsonObject } from '../model/request.ts'
import type { FieldType } from '../model/types.ts'
import type { Value } from '../model/values.ts'
import type { Place } from '../program/program.ts'
import type { LinkedRole } from './link.ts'
import type { Failure } from './result.ts'
import { failure } from './result.ts'
import type { RoleParameters } from './session.ts'

/** An assignment, read. */
export interface Assignment {
  readonly to: TargetRecord
  readonly on: ScopeRecord
  /** Epoch milliseconds; `undefined`: it does not end. */
  readonly expires: number | Failure | undefined
  readonly parameters: RoleParameters
  readonly source: 'policy' | 'data' | 'request'
  /** Of one in policy text. */
  readonly at?: Place
}

/** Assignments with one `on`. */
export interface AssignmentIndex {
  readonly byRole: ReadonlyMap<string, RoleAssignments>
  /** Roles of rows that are left out, for the policy does not declare them. */
  readonly undeclared: readonly string[]
}

interface RoleAssignments {
  readonly all: readonly Assignment[]
  /** By `targetKey`, but for those to the holders of a role. */
  readonly byTarget: ReadonlyMap<string, readonly Assignment[]>
  readonly toHolders: readonly Assignment[]
}

/** Rows of roles that the policy does not declare are left out. */
export function indexAssignments(
  records: readonly AssignmentRecord[],
  source: Assignment['source'],
  roles: ReadonlyMap<string, LinkedRole>,
): AssignmentIndex {
  const byRole = new Map<string, RoleAssignments>()
  const undeclared: string[] = []
  for (const [name, ofRole] of Map.groupBy(records, ({ role }) => role)) {
    const parameters = roles.get(name)?.role.parameters
    if (parameters === undefined) {
      undeclared.push(name)
      continue
    }
    const all = ofRole.map((record) => readAssignment(record, source, parameters))
    const toHolders = all.filter(({ to }) => isToHolders(to))
    const others = all.filter(({ to }) => !isToHolders(to))
    byRole.set(name, { all, byTarget: Map.groupBy(others, ({ to }) => targetKey(to)), toHolders })
  }
  return { byRole, undeclared }
}

/** With so few targets it costs less to look at each. */
const FEW_TARGETS = 16

/**
 * Assignments of the role that may count; those left out are to others.
 * @param targets keys of all targets that mean the subject, or `undefined` where its groups are not all known
 */
export function selectAssignments(
  index: AssignmentIndex,
  role: string,
  targets: () => ReadonlySet<string> | undefined,
): readonly Assignment[] {
  const ofRole = index.byRole.get(role)
  if (ofRole === undefined) return []
  const keys = ofRole.byTarget.size <= FEW_TARGETS ? undefined : targets()
  if (keys === undefined || keys.size >= ofRole.byTarget.size) return ofRole.all
  return [...[...keys].flatMap((key) => ofRole.byTarget.get(key) ?? []), ...ofRole.toHolders]
}

export function isToHolders(to: TargetRecord): to is Extract<TargetRecord, { readonly role: string }> {
  return to !== '*' && 'role' in to
}

function readAssignment(
  { to, on, expires, with: json, at }: AssignmentRecord & { readonly at?: Place },
  source: Assignment['source'],
  parameters: readonly FieldType[],
): Assignment {
  return {
    to,
    on,
    expires: readExpiry(expires),
    parameters: readParameters(json ?? {}, parameters, '$.with'),
    source,
    ...(at !== undefined && { at }),
  }
}

/** Rows with an ill-typed expiry are refused where data is loaded; one that slips through is not known to count. */
export function readExpiry(json: AssignmentRecord['expires']): number | Failure | undefined {
  const decoded = decodeValue(json, { kind: 'datetime' }, '$.expires')
  if (isIllTyped(decoded)) return failure(`an assignment has an ill-typed expiry: ${decoded.message}`)
  return typeof decoded === 'object' && decoded.kind === 'datetime' ? decoded.epochMs : undefined
}

/** The parameters of a role from `with`, or why they are not all there. */
export function readParameters(json: JsonObject, fields: readonly FieldType[], path: string): RoleParameters {
  const decoded = decodeValue(json, { kind: 'record', fields }, path)
  if (isIllTyped(decoded)) return failure(describeIllTyped(decoded), decoded)
  if (typeof decoded === 'object' && decoded.kind === 'record') return decoded.entries
  return new Map<string, Value>()
}
