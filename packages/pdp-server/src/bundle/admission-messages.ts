// What the thread that admits bundles, and the one that answers requests, say to each other.
import type { RequestProblem } from '../errors.ts'
import type { PackedState } from '../sources/directory-messages.ts'
import type { AdmissionRules, SeenBundle } from './admit-bundle.ts'

export interface AdmissionTask {
  readonly bytes: Uint8Array
  readonly rules: AdmissionRules
  /** The version of the entity data that the receiver has. */
  readonly knownData: string | undefined
}

export type AdmissionResult =
  | {
      readonly kind: 'admitted'
      readonly seen: SeenBundle
      readonly keyId: string
      readonly state: PackedState
      /** Given back, since they were handed over and not copied. */
      readonly bytes: Uint8Array
    }
  | {
      readonly kind: 'refused'
      readonly message: string
      readonly problems: readonly RequestProblem[]
      readonly isForNow: boolean
    }
