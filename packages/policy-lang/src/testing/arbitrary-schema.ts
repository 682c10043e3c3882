/** A name that is a member of every plain object: data like any other. */
export const HOSTILE_NAME: string = '__proto__'

/** Every generated policy set declares these types; what varies is what it says about them. */
export const SCHEMA: string = `
subject User in Team { name: String, level: Number, peers: Set<User>, nick?: String, "${HOSTILE_NAME}": Bool }
subject Service { name: String, level: Number, peers: Set<User>, nick?: String, "${HOSTILE_NAME}": Bool }
entity Team in Team
resource Folder in Folder {
  owner: User, rank: Number, tags: Set<String>, note?: String, created: Datetime, status: Status
  labels: Map<String>
  actions read, write, toString
}
resource Document in Folder {
  owner: User, rank: Number, tags: Set<String>, note?: String, created: Datetime, status: Status
  labels: Map<String>, draft: Bool
  actions read, write, remove, export(rows: Number, to?: Ip)
  actions change = write, remove
}
type Status = "public" | "team" | "private"
context { ip?: Ip, score?: Number, token?: { scopes: Set<String>, issued?: Datetime }, trusted: Bool }
`

export const ENTITY_IDS: readonly string[] = ['a', 'b', 'constructor']
export const GROUP_IDS: readonly string[] = ['g0', 'g1', HOSTILE_NAME]

/**
 * From the weakest. A role extends only roles before it and tests only roles after it: whether a role is held then
 * never rests on a role before it, so that no cycle can arise.
 */
export const ROLE_NAMES: readonly string[] = ['guest', 'valueOf', 'member', 'chief']
