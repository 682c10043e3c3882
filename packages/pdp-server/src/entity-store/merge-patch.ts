import type { JsonObject, JsonValue } from '@edict/policy-lang/program'

/**
 * JSON Merge Patch (RFC 7396): members of the patch take the place of those of the target, objects member by member,
 * and `null` removes. Names are data: `__proto__` is a member like any other. It recurses no deeper than a body may be.
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch
  const merged = new Map<string, JsonValue>(isObject(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value))
  }
  // By definition, not by assignment, which `__proto__` would take for something else.
  return Object.fromEntries(merged)
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
