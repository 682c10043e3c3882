// JSON on the wire, both ways, without its silent losses: JSON.stringify turns NaN into null and a promise into {},
// JSON.parse keeps the last of two members of one name. Each of them can turn a deny into an allow.

/** The JSON text of a value. Throws a `TypeError` for what JSON would change or drop in silence. */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value, refuseLossy)
  if (text === undefined) throw new TypeError('nothing to send')
  return text
}

/** For `JSON.stringify`, which calls it on the object that holds the member. */
function refuseLossy(this: unknown, key: string, value: unknown): unknown {
  const lost = describeLoss(value, (this as Readonly<Record<string, unknown>>)[key], Array.isArray(this))
  if (lost === undefined) return value
  throw new TypeError(`${key === '' ? 'the value' : `\`${key}\``} is ${lost}`)
}

/** @param original what stood there before its `toJSON` was asked */
function describeLoss(value: unknown, original: unknown, isElement: boolean): string | undefined {
  if (value === undefined) return isElement ? 'undefined' : undefined
  if (value === null)
    return original === null ? undefined : 'nothing that JSON can write, such as an invalid date'
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (typeof value === 'number' || value instanceof Number) {
    return Number.isFinite(Number(value)) ? undefined : String(value)
  }
  if (value instanceof Map) return 'a Map: send a plain object'
  if (value instanceof Set) return 'a Set: send an array'
  return value instanceof Promise ? 'a promise: await it' : undefined
}

/** The value of a JSON text. Throws a `SyntaxError` for what is no JSON or names a member twice (RFC 7493 §2.3). */
export function parseJsonText(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const twice = findDuplicateMember(text)
  if (twice !== undefined) throw new SyntaxError(`member ${twice} stands twice`)
  return value
}

/** The first member name that stands twice in one object. INVARIANT: `text` is valid JSON. */
function findDuplicateMember(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  let isName = false
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined)
      isName = token === '{'
    } else if (token === '}' || token === ']') {
      open.pop()
      isName = false
    } else if (token === ',') {
      isName = open.at(-1) !== undefined
    } else if (token === ':') {
      isName = false
    } else if (isName) {
      const names = open.at(-1)
      // Names are compared after their escapes: "\u0061" is "a".
      const name: string = JSON.parse(token)
      if (names?.has(name)) return token
      names?.add(name)
    }
  }
  return undefined
}
