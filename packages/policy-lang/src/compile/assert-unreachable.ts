/** Closes a switch over a union: a new member is a type error where it is not handled. */
export function assertUnreachable(value: never): never {
  throw new TypeError(`unexpected ${JSON.stringify(value)}`)
}
