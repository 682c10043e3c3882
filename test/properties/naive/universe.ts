// Every entity that any role question could be about: whatever data, request and policy text name.
import type { PolicyFile } from '../../../packages/policy-lang/src/ast/nodes.ts'
import type { JsonValue } from '../../../packages/policy-lang/src/model/request.ts'
import type { Given } from './assignments.ts'
import { parentsOf, readAttribute, readField, typeOf, type World } from './facts.ts'
import { type Outcome, type Reference, reference } from './values.ts'

/** Entities in a value, however deep. */
function referencesIn(outcome: Outcome): readonly Reference[] {
  if (outcome.kind === 'reference') return [outcome]
  if (outcome.kind === 'set') return outcome.members.flatMap(referencesIn)
  return outcome.kind === 'fields' ? [...outcome.fields.values()].flatMap(referencesIn) : []
}

/** `Type::"id"` anywhere in a tree. */
function literalsIn(node: unknown): readonly Reference[] {
  if (Array.isArray(node)) return node.flatMap(literalsIn)
  if (node === null || typeof node !== 'object') return []
  const { kind, type, id } = node as { kind?: unknown; type?: { name?: unknown }; id?: unknown }
  const isLiteral = kind === 'entity' && typeof type?.name === 'string' && typeof id === 'string'
  const own = isLiteral ? [reference(String(type.name), String(id))] : []
  return [...own, ...Object.values(node).flatMap(literalsIn)]
}

const literals = new WeakMap<readonly PolicyFile[], readonly Reference[]>()

function literalsOf(files: readonly PolicyFile[]): readonly Reference[] {
  const known = literals.get(files) ?? files.flatMap((file) => literalsIn(file.declarations))
  literals.set(files, known)
  return known
}

function startingPoints(world: World, files: readonly PolicyFile[], assignments: readonly Given[]) {
  const { subject, resource, action, context } = world.request
  const stored = [...(world.data.entities ?? []), ...(world.request.entities ?? []), subject, resource]
  const given = assignments.flatMap((each) => [
    ...(each.to.kind === 'entity' ? [each.to.entity] : []),
    ...(each.to.kind === 'holders' ? [each.to.on] : []),
    ...(each.on.kind === 'entity' ? [each.on.entity] : []),
    ...[...each.parameters.values()].flatMap(referencesIn),
  ])
  const fields = (json: JsonValue | undefined, types: World['schema']['context']) =>
    [...types.keys()].flatMap((name) => referencesIn(readField(world, json, types, name)))
  const parameters = world.schema.types.get(resource.type)?.actions.get(action.name) ?? new Map()
  return [
    ...literalsOf(files),
    ...stored.map((each) => reference(each.type, each.id)),
    ...given,
    ...fields(context, world.schema.context),
    ...fields(action.properties, parameters),
  ]
}

/** Keyed by type and id as one text. */
export function collectUniverse(
  world: World,
  files: readonly PolicyFile[],
  assignments: readonly Given[],
): ReadonlyMap<string, Reference> {
  const found = new Map<string, Reference>()
  const open = [...startingPoints(world, files, assignments)]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const ref = next
    const key = entityKey(ref)
    const type = typeOf(world, ref)
    if (type === undefined || found.has(key)) continue
    found.set(key, ref)
    const parents = parentsOf(world, ref)
    open.push(...(parents === 'unknown' ? [] : parents))
    for (const name of type.attributes.keys()) open.push(...referencesIn(readAttribute(world, ref, name)))
  }
  return found
}

export const entityKey = (ref: Reference): string => JSON.stringify([ref.type, ref.id])
