// The source of policies of a worker: what the first process loads, and when it says so.
import { createPolicySet } from '@edict/policy-lang/program'
import type { StateNumbers } from '../decide/state-numbers.ts'
import type { PackedState } from '../sources/directory-messages.ts'
import { unpackProgram } from '../sources/pack-program.ts'
import { unpackData } from '../sources/pack-state.ts'
import type { PolicySource, SourceFailure, SourceListener, SourceState } from '../sources/policy-source.ts'
import { ticks } from '../sources/ticks.ts'
import type { Wire } from './wire.ts'

/** A state in the form that goes to a worker. Without `program`, the policies are those that it has. */
export type WorkerState = Omit<PackedState, 'program'> & Partial<Pick<PackedState, 'program'>>

/** A state for workers, with the numbers that it has in all of them. */
export interface StateMessage {
  readonly state: WorkerState
  readonly numbers: StateNumbers | undefined
  /** How long ago it was known to be current. */
  readonly ageMs: number
  /** Why it is not what the source holds. */
  readonly failure?: SourceFailure
}

/** What became of a look at the source that brought nothing new. */
export type LookMessage = { readonly ageMs: number } | { readonly failure: SourceFailure }

/** @param failure why what the source holds now does not load, where it does not */
export function createFleetSource(name: string, wire: Wire, failure?: SourceFailure): PolicySource {
  let listener: SourceListener | undefined
  let latestFailure = failure
  let prepared: { readonly state: SourceState; readonly checkedAt: number } | undefined
  let current: SourceState | undefined
  wire.handle('prepare', async (payload) => {
    const { state: packed, numbers, ageMs, failure: packedFailure } = payload as StateMessage
    const checkedAt = ticks() - ageMs
    // At once: what is said of a look meanwhile is newer.
    latestFailure = packedFailure
    const state = await unpack(packed, current)
    await listener?.prepare?.(state)
    prepared = { state: { ...state, ...(numbers && { numbers }) }, checkedAt }
  })
  wire.handle('commit', () => {
    if (prepared === undefined) return
    current = prepared.state
    listener?.loaded(prepared.state, prepared.checkedAt)
    // To decide by something new, such as written data, does not mean that the source loads.
    if (latestFailure !== undefined) listener?.failed(latestFailure)
    prepared = undefined
  })
  wire.handle('looked', (payload) => {
    const look = payload as LookMessage
    latestFailure = 'failure' in look ? look.failure : undefined
    if ('failure' in look) listener?.failed(look.failure)
    else listener?.confirmed(ticks() - look.ageMs)
  })
  return {
    name,
    start: async (given) => {
      listener = given
      if (latestFailure !== undefined) given.failed(latestFailure)
      // Ends once all workers hold what decides, so that none listens before.
      await wire.ask('join')
    },
    reload: () => Promise.resolve(),
    stop: async () => {
      listener = undefined
    },
  }
}

/** Throws where it is told to keep what it does not have. */
async function unpack(
  { program, counts, data }: WorkerState,
  current: SourceState | undefined,
): Promise<SourceState> {
  const policySet = program === undefined ? current?.policySet : createPolicySet(await unpackProgram(program))
  if (policySet === undefined) throw new Error('the policies that are to be kept are not here')
  const entities = data && (await unpackData(data, current?.entities))
  return { policySet, counts, ...(entities !== undefined && { entities }) }
}
