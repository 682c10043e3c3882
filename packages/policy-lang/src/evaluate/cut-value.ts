import { shortenText } from '../model/short-text.ts'
import type { Value } from '../model/values.ts'

/** How many members of a set, map or record are shown, and how many characters of the whole. */
const SHOWN_MEMBERS = 20
const SHOWN_CHARACTERS = 400

/** A value as an explanation shows it: long texts and collections are cut, and end with `…`. */
export function cutValue(value: Value): Value {
  return cut(value, { left: SHOWN_CHARACTERS })
}

interface Room {
  left: number
}

function cut(value: Value, room: Room): Value {
  if (typeof value === 'string') return take(value, room)
  if (typeof value !== 'object') return value
  switch (value.kind) {
    case 'entity':
      return { ...value, id: take(value.id, room) }
    case 'set':
      return { kind: 'set', elements: cutMembers(value.elements, room, (element) => cut(element, room), '…') }
    case 'record': {
      const entries = cutMembers(
        value.entries,
        room,
        ([name, entry]): readonly [string, Value] => [take(name, room), cut(entry, room)],
        ['…', '…'],
      )
      return { kind: 'record', entries: new Map(entries) }
    }
    default:
      return value
  }
}

function take(text: string, room: Room): string {
  const shown = shortenText(text)
  room.left -= shown.length
  return shown
}

function cutMembers<T>(members: Iterable<T>, room: Room, cutOne: (member: T) => T, more: T): readonly T[] {
  const shown: T[] = []
  for (const member of members) {
    if (shown.length === SHOWN_MEMBERS || room.left <= 0) return [...shown, more]
    // What is no text takes room, too.
    room.left--
    shown.push(cutOne(member))
  }
  return shown
}
