// A state from one thread to another. To pack it takes as long as it takes; to unpack it holds the receiving thread up
// for an instant at a time.
import {
  type AssignmentRecord,
  changeContent,
  createPolicySet,
  createStoreFiller,
  type EntityData,
  type EntityRecord,
  type EntityStore,
} from '@edict/policy-lang/program'
import type { LoadedState } from '../load-state.ts'
import { type ChangesSince, withoutPlace } from './compare-content.ts'
import type { PackedData, PackedState } from './directory-messages.ts'
import { packProgram, unpackProgram } from './pack-program.ts'
import { joinPieces, type Pieces, readPieces } from './pieces.ts'
import type { SourceState } from './policy-source.ts'

/** Rows of one piece. */
const PIECE_ROWS = 250

/**
 * @param knownData the version of the entity data that the receiver has
 * @param changes what tells the entity data from that, where it is known
 */
export function packState(
  loaded: Pick<LoadedState, 'state' | 'content'>,
  knownData: string | undefined,
  changes?: ChangesSince,
): PackedState {
  const { state } = loaded
  if (state === undefined) throw new Error('there is no state')
  const { policySet, counts = {} } = state
  return {
    program: packProgram(policySet.program),
    counts,
    data: packEntities(loaded, knownData, changes),
  }
}

/** What of a state is not policies. */
export function packEntities(
  { state, content }: Pick<LoadedState, 'state' | 'content'>,
  knownData: string | undefined,
  changes?: ChangesSince,
): PackedData | undefined {
  const { entities } = state ?? {}
  return entities && packData(entities.version, content ?? {}, knownData, changes)
}

function packData(
  version: string,
  content: EntityData,
  known: string | undefined,
  changes: ChangesSince | undefined,
): PackedData {
  if (version === known) return { version }
  if (changes !== undefined && changes.since === known) return { version, changes }
  return { version, rows: packRows(content) }
}

/** What of a packed state need not be copied. */
export function transferable({ program, data }: PackedState): readonly ArrayBuffer[] {
  return [program.pieces.bytes, ...(data?.rows === undefined ? [] : [data.rows.bytes])]
}

function packRows({ entities = [], assignments = [] }: EntityData): Pieces {
  const pieces = [
    ...inPieces(entities).map((rows) => ({ entities: rows.map(withoutPlace) })),
    ...inPieces(assignments).map((rows) => ({ assignments: rows })),
  ].map((piece) => Buffer.from(JSON.stringify(piece)))
  return joinPieces(pieces)
}

function inPieces<T extends EntityRecord | AssignmentRecord>(rows: readonly T[]): readonly (readonly T[])[] {
  const pieces: (readonly T[])[] = []
  for (let at = 0; at < rows.length; at += PIECE_ROWS) pieces.push(rows.slice(at, at + PIECE_ROWS))
  return pieces
}

/** @param known the entity data that is here, for a state that has the same */
export async function unpackState(
  { program, counts, data }: PackedState,
  known: EntityStore | undefined,
): Promise<SourceState> {
  const policySet = createPolicySet(await unpackProgram(program))
  const entities = data && (await unpackData(data, known))
  return { policySet, counts, ...(entities !== undefined && { entities }) }
}

/** @param known the entity data that is here */
export async function unpackData(data: PackedData, known: EntityStore | undefined): Promise<EntityStore> {
  const { version, rows, changes } = data
  if (rows === undefined) {
    if (known === undefined || known.version !== (changes?.since ?? version)) {
      throw new Error('the entity data that is to be kept is not here')
    }
    return changes === undefined ? known : changeContent(known, changes, version)
  }
  const filler = createStoreFiller(version)
  const decoder = new TextDecoder()
  await readPieces(rows, (piece) => filler.add(JSON.parse(decoder.decode(piece))))
  return filler.finish()
}
