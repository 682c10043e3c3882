// A state on its way to workers: to each goes what it does not have.
import { type EntityRecord, type EntityStore, listEntityData } from '@edict/policy-lang/program'
import type { PdpState } from '../decide/pdp.ts'
import type { ChangesSince } from '../sources/compare-content.ts'
import { type PackedProgram, packProgram } from '../sources/pack-program.ts'
import { packEntities } from '../sources/pack-state.ts'
import type { SourceFailure } from '../sources/policy-source.ts'
import { ticks } from '../sources/ticks.ts'
import type { FleetState, PackedForWorker } from './fleet.ts'
import type { StateMessage } from './fleet-source.ts'

/** How a state stands with its source. */
interface Standing {
  /** `ticks` of when it was last known to be current. */
  readonly checkedAt: number
  /** Why it is not what the source holds. */
  readonly failure?: SourceFailure | undefined
}

/** A state as workers get it: of what they have, only that it stays, or what changed. */
export class PublishedState implements FleetState {
  readonly #state: PdpState
  readonly #standing: () => Standing
  #content: ReturnType<typeof listEntityData>
  #program: PackedProgram | undefined

  /** @param standing as it is whenever a worker gets the state: one may start long after it was published */
  constructor(state: PdpState, standing: () => Standing) {
    this.#state = state
    this.#standing = standing
  }

  pack(held: FleetState | undefined): PackedForWorker & { readonly message: StateMessage } {
    const known = held instanceof PublishedState ? held.#state : undefined
    const { policySet, entities, numbers, counts = {} } = this.#state
    const changes = entities && known?.entities && listChanges(entities, known.entities)
    if (entities !== undefined && changes === undefined && entities.version !== known?.entities?.version) {
      this.#content ??= listEntityData(entities)
    }
    const content = this.#content
    const loaded = { state: this.#state, ...(content && { content }) }
    const data = packEntities(loaded, known?.entities?.version, changes)
    const isKnownPolicy = policySet === known?.policySet
    if (!isKnownPolicy) this.#program ??= packProgram(policySet.program)
    const state = { counts, data, ...(!isKnownPolicy && this.#program && { program: this.#program }) }
    const { checkedAt, failure } = this.#standing()
    return {
      message: { state, numbers, ageMs: ticks() - checkedAt, ...(failure && { failure }) },
      isSmall: isKnownPolicy && data?.rows === undefined,
    }
  }
}

/** Applying as many takes some milliseconds. */
const MAX_CHANGES = 1000

/** What one store has otherwise than another; undefined where that is not known, or much. */
function listChanges(store: EntityStore, previous: EntityStore): ChangesSince | undefined {
  const changes = store.changesSince?.(previous)
  if (changes === undefined) return undefined
  const { entities: named, come, gone } = changes
  if (named.length + come.length + gone.length > MAX_CHANGES) return undefined
  const entities: EntityRecord[] = []
  for (const ref of named) {
    const found = store.entity(ref)
    if (typeof found !== 'string') entities.push({ ...ref, ...found })
  }
  const goneEntities = named.filter(
    (ref) => typeof store.entity(ref) === 'string' && typeof previous.entity(ref) !== 'string',
  )
  return { since: previous.version, entities, goneEntities, assignments: come, goneAssignments: gone }
}
