/** Ends a `switch` over a closed union: a new member is a type error where it is forgotten. */
export function assertUnreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
