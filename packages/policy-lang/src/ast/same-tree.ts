/** Members that say where something stands, not what it is. */
const PLACES: ReadonlySet<string> = new Set(['span', 'patternSpan'])
/** Members that are spans and say something by being there. */
const MARKS: ReadonlySet<string> = new Set(['storedParents', 'storedRoles'])

/** Whether two trees, or lists of trees, are alike but for their places in the source. */
export function isSameTree(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((element, index) => isSameTree(element, b[index]))
    )
  }
  if (!isRecord(a) || !isRecord(b)) return a === b
  const keys = keysOf(a)
  return (
    keys.length === keysOf(b).length &&
    keys.every((key) => (MARKS.has(key) ? Object.hasOwn(b, key) : isSameTree(a[key], b[key])))
  )
}

function keysOf(node: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(node).filter((key) => !PLACES.has(key))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
