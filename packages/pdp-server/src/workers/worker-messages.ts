// What a worker is told first.
import type { Config } from '../config.ts'
import type { SourceFailure } from '../sources/policy-source.ts'
import type { ReadinessCheck } from '../telemetry/readiness.ts'
import type { ChannelTraits } from './log-hub.ts'
import type { GuardSeed } from './worker-guards.ts'

export interface Welcome {
  readonly config: Config
  /** Names the source of policies for people. */
  readonly sourceName: string
  /** Why what the source holds now does not load. Undefined where it does. */
  readonly failure: SourceFailure | undefined
  /** How the parts do that the first process has for all. */
  readonly checks: readonly ReadinessCheck[]
  readonly logTraits: readonly ChannelTraits[]
  readonly guards: GuardSeed
  /** Seals tokens of searches, where no file has a secret for that. */
  readonly pageTokenKey: Uint8Array
}

/** How the fleet does. */
export interface FleetNews {
  readonly size: number
  readonly listening: number
}
