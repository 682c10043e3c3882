// What a request says beside the values that rules read: roles, parents, members that only the store may tell.
import type { LinkedType } from '../evaluate/link.ts'
import type { JsonValue } from '../model/request.ts'
import { LEAVE } from './outcome.ts'
import type { RoleIndex, RoleSites } from './role-query.ts'
import type { Run } from './run.ts'
import type { Writer } from './writer.ts'

interface Guarded {
  readonly subject: LinkedType
  readonly resource: LinkedType
  readonly roles: RoleIndex
}

export function emitGuards({ subject, resource, roles }: Guarded, writer: Writer): void {
  writer.line('const sid = subject.id, rid = resource.id;')
  for (const object of ['sp', 'rp', 'ap', 'cx']) emitPlainGuard(object, writer)
  // What the request says of one entity as subject and as resource is united: the reference does that.
  if (subject.schema.name === resource.schema.name) writer.line('if (sid === rid) throw LEAVE;')
  emitEntityGuards('subject', 'sp', subject, writer)
  emitEntityGuards('resource', 'rp', resource, writer)
  emitRoleGuard(subject, roles, writer)
}

/**
 * Members are read by name: an object that inherits some, as one does that was merged from an untrusted `__proto__`, is
 * the reference's, and so is what is no object.
 */
function emitPlainGuard(object: string, writer: Writer): void {
  writer.line(`if (${object} !== h.NOTHING_SENT && ${object}.__proto__ !== Object.prototype) throw LEAVE;`)
}

/** What comes from the store alone and is sent all the same is reported: the reference says what. */
function emitEntityGuards(
  entity: string,
  properties: string,
  { schema, attributes }: LinkedType,
  writer: Writer,
): void {
  for (const { name, isStored } of schema.attributes) {
    if (isStored) writer.line(`if (${properties}[${JSON.stringify(name)}] != null) throw LEAVE;`)
  }
  if (schema.parents.length === 0 && !schema.hasStoredParents) return
  if (!attributes.has('parents')) writer.line(`if (${properties}.parents != null) throw LEAVE;`)
  const then = schema.hasStoredParents
    ? 'throw LEAVE;'
    : '{ run.isTouched = true; run.hasSentParents = true; }'
  writer.line(`if (${entity}.parents != null) ${then}`)
}

function emitRoleGuard({ schema, attributes }: LinkedType, roles: RoleIndex, writer: Writer): void {
  const inside = attributes.has('roles') ? '' : ' ?? sp.roles'
  const sent = writer.local('v')
  writer.line(`const ${sent} = subject.roles${inside};`)
  const read = schema.hasStoredRoles
    ? 'throw LEAVE;'
    : `h.readRoles(run, ${sent}, ${writer.constant(roles.sites)});`
  writer.line(`if (${sent} != null) ${read}`)
}

/** Plain names of roles that count by themselves; anything else is the reference's. */
export function readRoles(run: Run, sent: JsonValue, sites: RoleSites): void {
  if (!Array.isArray(sent)) throw LEAVE
  run.isTouched = true
  for (let index = 0; index < sent.length; index += 1) {
    const name = sent[index]
    const site = typeof name === 'string' ? sites.get(name) : undefined
    if (site === undefined || site.isConditional) throw LEAVE
    run.sentRoles[run.sentCount] = site.index
    run.sentCount += 1
  }
}
