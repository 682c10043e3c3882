// A policy that allows one question, and reads every part of it.

export const LOCK_POLICY = `
subject Person { name: String  level: Number  team: Team }
entity Team
resource Vault {
  code: String
  owner: Person
  tags: Set<String>
  isOpen: Bool
  actions enter(key: String, times: Number)
}
context { place: String  device: { id: String, isTrusted: Bool } }

rule only: allow enter on Vault to Person::"ann"
  if resource.id == "v1" && resource.code == "c-9" && resource.owner == Person::"ann"
  if resource.tags == ["a", "b"] && !resource.isOpen
  if subject.name == "Ann" && subject.level == 7 && subject.team == Team::"red"
  if action.key == "k-1" && action.times == 2
  if context.place == "hall" && context.device.id == "d1" && context.device.isTrusted
  obligate log(place: context.place)
  advise greet(name: subject.name)
`

export const QUESTION = {
  subject: { type: 'Person', id: 'ann', properties: { name: 'Ann', level: 7, team: 'red' } },
  action: { name: 'enter', properties: { key: 'k-1', times: 2 } },
  resource: {
    type: 'Vault',
    id: 'v1',
    properties: { code: 'c-9', owner: 'ann', tags: ['a', 'b'], isOpen: false },
  },
  context: { place: 'hall', device: { id: 'd1', isTrusted: true } },
}

/** Whether a body, or an item, asks the one question: all that the policy reads is as it was. */
export function isTheQuestion(value: unknown): boolean {
  return holds(value, QUESTION, [])
}

/** All members of `expected`, however many others there are. */
function holds(value: unknown, expected: unknown, path: readonly string[]): boolean {
  const at = path.join('.')
  if (at === 'subject.properties.team') return refersTo(value, 'Team', 'red')
  if (at === 'resource.properties.owner') return refersTo(value, 'Person', 'ann')
  if (Array.isArray(expected)) return Array.isArray(value) && isSameSet(value, expected)
  if (typeof expected !== 'object' || expected === null) return value === expected
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(expected).every(([name, wanted]) =>
    holds(Object.getOwnPropertyDescriptor(value, name)?.value, wanted, [...path, name]),
  )
}

function refersTo(value: unknown, type: string, id: string): boolean {
  if (value === id) return true
  if (typeof value !== 'object' || value === null) return false
  const reference = value as { type?: unknown; id?: unknown }
  return reference.type === type && reference.id === id
}

function isSameSet(value: readonly unknown[], expected: readonly unknown[]): boolean {
  const members = new Set(value)
  return members.size === expected.length && expected.every((member) => members.has(member))
}
