/** A key for maps over entities: the length in front keeps `a:b` + `c` apart from `a` + `b:c`. */
export function entityKey(type: string, id: string): string {
  return `${type.length}:${type}${id}`
}
