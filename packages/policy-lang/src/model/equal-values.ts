import type { Value } from './values.ts'

/** `==` of two values: entities by type and id, sets and records by content. */
export function equalValues(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  if (a === b) return true
  if (a.kind === 'entity' && b.kind === 'entity') return a.type === b.type && a.id === b.id
  return a.kind === b.kind && valueKey(a) === valueKey(b)
}

/** A string that two values share exactly when they are equal. Linear in the size of the value, but for sorting. */
export function valueKey(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false'
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return `n${value + 0}`
    default:
      return objectKey(value)
  }
}

function objectKey(value: Exclude<Value, boolean | string | number>): string {
  switch (value.kind) {
    case 'datetime':
      return `t${value.epochMs}`
    case 'duration':
      return `d${value.ms}`
    case 'ip':
      return `i${value.bytes.join('.')}/${value.prefix}`
    case 'entity':
      return `e${JSON.stringify(value.type)}${JSON.stringify(value.id)}`
    case 'set':
      return `[${value.elements.map(valueKey).sort().join(',')}]`
    case 'record': {
      const entries = [...value.entries].map(([name, entry]) => `${JSON.stringify(name)}:${valueKey(entry)}`)
      return `{${entries.sort().join(',')}}`
    }
  }
}
