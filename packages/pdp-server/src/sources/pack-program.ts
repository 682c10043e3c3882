// A Program from one thread to another: of 100,000 rules it would hold up the thread that receives it for a tenth of a
// second, were it read at once.
import { deserialize, serialize } from 'node:v8'
import type { Program } from '@edict/policy-lang/program'
import { joinPieces, type Pieces, readPieces } from './pieces.ts'

export interface PackedProgram {
  /** The Program without its long lists. Of a buffer of its own: columns of numbers are read in place. */
  readonly frame: Uint8Array
  /** Where the long lists stand in it, in the order of their pieces. */
  readonly lists: readonly CutList[]
  readonly pieces: Pieces
}

interface CutList {
  readonly path: readonly string[]
  readonly pieceCount: number
}

/** Read in about a millisecond. */
const PIECE_BYTES = 48 * 1024
/** Long lists stand in the Program and in its parts. */
const MAX_DEPTH = 2

/** @param pieceBytes about how long a piece is; a test may want small ones */
export function packProgram(program: Program, pieceBytes = PIECE_BYTES): PackedProgram {
  const lists: CutList[] = []
  const pieces: Uint8Array[] = []
  const cut = (value: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(value)) {
      const cutPieces = cutList(value, pieceBytes)
      if (cutPieces.length < 2) return value
      lists.push({ path, pieceCount: cutPieces.length })
      pieces.push(...cutPieces)
      return []
    }
    if (path.length === MAX_DEPTH || !isPlainObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cut(part, [...path, name])]))
  }
  return { frame: new Uint8Array(serialize(cut(program, []))), lists, pieces: joinPieces(pieces) }
}

/** In small turns. */
export async function unpackProgram({ frame, lists, pieces }: PackedProgram): Promise<Program> {
  const program = deserialize(frame) as Program
  const order = lists.flatMap(({ path, pieceCount }) => {
    const list = find(program, path)
    return Array.from({ length: pieceCount }, () => list)
  })
  let at = 0
  await readPieces(pieces, (piece) => {
    const list = order[at]
    for (const item of deserialize(piece) as readonly unknown[]) list?.push(item)
    at += 1
  })
  return program
}

function cutList(list: readonly unknown[], pieceBytes: number): readonly Uint8Array[] {
  const { length } = serialize(list)
  if (length <= pieceBytes) return []
  const itemCount = Math.max(1, Math.floor((list.length * pieceBytes) / length))
  const pieces: Uint8Array[] = []
  for (let start = 0; start < list.length; start += itemCount) {
    pieces.push(serialize(list.slice(start, start + itemCount)))
  }
  return pieces
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function find(program: Program, path: readonly string[]): unknown[] {
  let found: unknown = program
  for (const name of path) found = (found as Readonly<Record<string, unknown>>)[name]
  if (!Array.isArray(found)) throw new Error('a packed Program whose lists are not where they were')
  return found
}
