// Sources whose requests tell everything: a principal with roles and attributes, a resource with attributes, and for
// each the scope (tenant) whose policies count.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DecisionRequest, EntityRecord, JsonObject, RequestEntity, Schema } from '@edict/policy-lang'
import type { AdaptedSet, AdaptOptions, CaseEntity, CaseRef, CaseRequest, CaseSet } from '../../adapter.ts'
import { toProperties, toRef } from './values.ts'

export interface PrincipalOptions extends AdaptOptions {
  /** What the source's deployment is configured with, where a request does not bring its own. */
  readonly globals?: JsonObject
}

/**
 * What becomes of a request depends on what the translation declares:
 *
 * - a type `scope`: subject and resource lie in their scope, scopes in one another up to `""`, and the roles of the
 *   principal are held on `""`; without that type, roles are held on everything. The decision point holds the scopes
 *   that the source has policies for. Another one is unknown, unless the source searches leniently: then the request
 *   tells where it lies.
 * - a type with `stored parents`: the decision point holds such a subject or resource, with its scope.
 * - a parameter of the action: it is taken from what the source says of the resource.
 * - a type `globals`: what the deployment is configured with, held as `globals::"deployment"`.
 */
export function adaptPrincipals(set: CaseSet, options: PrincipalOptions): AdaptedSet {
  const { schema } = options
  const scopes = hasType(schema, 'scope') ? readScopes(set, options.folder) : []
  const entities = scopes.map(toScope)
  return {
    data: { entities },
    toQuestion: (request) => {
      const subject = place(request.subject, scopeOf(request, 'principal'), schema)
      const resource = place(request.resource, scopeOf(request, 'resource'), schema)
      const { action, rest } = splitParameters(request, schema)
      const held = [...toHeld([subject, resource], schema), ...toGlobals(request, options)]
      return {
        request: {
          subject: { ...toSent(subject, schema), ...splitRoles(request.subject, schema) },
          action,
          resource: { ...toSent(resource, schema), properties: toProperties(rest) },
          context: toProperties(request.context),
          entities: toTold(request, scopes),
        },
        ...(held.length > 0 && { data: { entities: [...entities, ...held] } }),
        ...(typeof request.now === 'string' && { now: request.now }),
      }
    },
  }
}

function hasType(schema: Schema, name: string): boolean {
  return schema.entityTypes.some((type) => type.name === name)
}

function typeOf(schema: Schema, { type }: CaseRef): Schema['entityTypes'][number] | undefined {
  return schema.entityTypes.find(({ name }) => name === type)
}

/** All scopes that the policies of a set name, and what lies above them. */
function readScopes(set: CaseSet, folder: string): readonly string[] {
  const paths = (set.policy_paths ?? []) as readonly string[]
  const texts = paths.map((path) => readFileSync(join(folder, 'raw', path.replace('/raw/', '/')), 'utf8'))
  const named = texts.flatMap((text) =>
    [...text.matchAll(/^\s+scope:\s*"?([\w.-]+)/gm)].map(([, scope]) => scope),
  )
  return [...new Set(['', ...named.flatMap((scope = '') => upwards(scope))])]
}

/** The scope itself, and all above it except `""`. */
function upwards(scope: string): readonly string[] {
  const parts = scope === '' ? [] : scope.split('.')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('.'))
}

function toScope(scope: string): EntityRecord {
  const above = scope.includes('.') ? scope.slice(0, scope.lastIndexOf('.')) : ''
  return {
    type: 'scope',
    id: scope,
    properties: {},
    parents: scope === '' ? [] : [{ type: 'scope', id: above }],
  }
}

function scopeOf(request: CaseRequest, side: 'principal' | 'resource'): string {
  const scope = request[`${side}_scope`]
  return typeof scope === 'string' ? scope : ''
}

function toTold(request: CaseRequest, scopes: readonly string[]): readonly RequestEntity[] {
  if (scopes.length === 0 || request.mode !== 'lenient_scope_search') return []
  const asked = new Set([scopeOf(request, 'principal'), scopeOf(request, 'resource')].flatMap(upwards))
  return [...asked].filter((scope) => !scopes.includes(scope)).map(toScope)
}

function place(entity: CaseEntity, scope: string, schema: Schema): EntityRecord {
  const isScoped = typeOf(schema, entity)?.parents.includes('scope') ?? false
  return { ...toRef(entity), parents: isScoped ? [{ type: 'scope', id: scope }] : [] }
}

function toHeld(entities: readonly EntityRecord[], schema: Schema): readonly EntityRecord[] {
  return entities.filter((entity) => typeOf(schema, entity)?.hasStoredParents ?? false)
}

function toSent(entity: EntityRecord, schema: Schema): RequestEntity {
  return (typeOf(schema, entity)?.hasStoredParents ?? false) ? toRef(entity) : entity
}

function splitRoles(
  principal: CaseEntity,
  schema: Schema,
): Pick<DecisionRequest['subject'], 'properties' | 'roles'> {
  const { roles, ...properties } = principal.properties ?? {}
  const on = { type: 'scope', id: '' }
  const names = (roles ?? []) as readonly string[]
  return {
    properties: toProperties(properties),
    roles: hasType(schema, 'scope') ? names.map((role) => ({ role, on })) : names,
  }
}

function splitParameters(
  { action, resource }: CaseRequest,
  schema: Schema,
): {
  readonly action: { readonly name: string; readonly properties: JsonObject }
  readonly rest: JsonObject
} {
  const declared = typeOf(schema, resource)?.actions.find(({ name }) => name === action)
  const isParameter = (name: string): boolean =>
    declared?.parameters.some((field) => field.name === name) ?? false
  const all = Object.entries(resource.properties ?? {})
  return {
    action: {
      name: action,
      properties: toProperties(Object.fromEntries(all.filter(([name]) => isParameter(name)))),
    },
    rest: Object.fromEntries(all.filter(([name]) => !isParameter(name))),
  }
}

function toGlobals(
  request: CaseRequest,
  { schema, globals = {} }: PrincipalOptions,
): readonly EntityRecord[] {
  if (!hasType(schema, 'globals')) return []
  const own = request.globals as JsonObject | undefined
  return [{ type: 'globals', id: 'deployment', properties: toProperties(own ?? globals), parents: [] }]
}
