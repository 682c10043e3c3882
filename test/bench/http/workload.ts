// What is asked over HTTP: documents, their readers and writers, with all attributes in the question. The rules stand
// in edict/ and cerbos/ with one meaning, and once more here, as plain code that knows what must be answered.

interface User {
  readonly id: string
  readonly properties: { readonly department: string; readonly clearance: number }
}

interface Document {
  readonly id: string
  readonly properties: {
    readonly owner: string
    readonly department: string
    readonly level: number
    readonly isPublic: boolean
    readonly isLocked: boolean
  }
}

export interface Question {
  readonly user: User
  readonly action: string
  readonly document: Document
}

/** Questions of one exchange; those of a batch share the user, since Cerbos takes one principal a call. */
export type Exchange = readonly Question[]

const DEPARTMENTS = ['engineering', 'sales', 'legal', 'finance']
const ACTIONS = ['read', 'read', 'read', 'write', 'delete']
const USERS = 10

/** Exchanges of `length` questions each: the same in every run. */
export function makeExchanges(count: number, length: number): readonly Exchange[] {
  const random = createRandom(20_26)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  return Array.from({ length: count }, () => {
    const id = `user-${Math.floor(random() * USERS)}`
    const user = { id, properties: { department: pick(DEPARTMENTS), clearance: Math.floor(random() * 5) } }
    return Array.from({ length }, () => {
      const properties = {
        owner: `user-${Math.floor(random() * USERS)}`,
        department: pick(DEPARTMENTS),
        level: Math.floor(random() * 5),
        isPublic: random() < 0.1,
        isLocked: random() < 0.2,
      }
      const document = { id: `document-${Math.floor(random() * 10_000)}`, properties }
      return { user, action: pick(ACTIONS), document }
    })
  })
}

/** The rules, by hand. */
export function isAllowed({ user, action, document }: Question): boolean {
  const { owner, department, level, isPublic, isLocked } = document.properties
  const { clearance } = user.properties
  if (action !== 'read' && isLocked) return false
  if (owner === user.id) return true
  if (action === 'read') return isPublic || (department === user.properties.department && clearance >= level)
  return action === 'write' && department === user.properties.department && clearance >= 3
}

/** Mulberry32: a small generator whose numbers depend on the seed alone. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
