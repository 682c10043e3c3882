// What the thread that follows the folders, and the one that answers requests, say to each other.
import type { ChangesSince } from './compare-content.ts'
import type { InitialState } from './directory-loader.ts'
import type { PolicyFolders } from './directory-snapshot.ts'
import type { PackedProgram } from './pack-program.ts'
import type { Pieces } from './pieces.ts'
import type { SourceFailure } from './policy-source.ts'

/** What the thread is started with. */
export interface FollowerSetup {
  readonly folders: PolicyFolders
  readonly pollMs: number
  /** What of the folders was loaded before. */
  readonly initial: InitialState | undefined
  /** The `version` of the entity data that was loaded then. */
  readonly initialData: string | undefined
  /** Folder that keeps what was loaded last. */
  readonly stateDir: string | undefined
}

/** Look now, also at what has not changed. */
export interface LookRequest {
  readonly kind: 'look'
  readonly id: number
}

/** Answers `loaded` and `confirmed`: what the folders hold is in place, or was refused. */
export interface HeardReply {
  readonly kind: 'heard'
}

export interface LoadedMessage {
  readonly kind: 'loaded'
  readonly state: PackedState
  readonly checkedAt: number
  /** Whether it lies on disk, to be kept by `keepNextGood` once it is put in place. */
  readonly isWritten: boolean
}

export type FollowerMessage =
  | LoadedMessage
  | { readonly kind: 'confirmed'; readonly checkedAt: number }
  | { readonly kind: 'failed'; readonly failure: SourceFailure }
  /** The first look is over. */
  | { readonly kind: 'started' }
  /** A look that was asked for is over. */
  | { readonly kind: 'looked'; readonly id: number }
  /** Not about what decides: for the log. */
  | { readonly kind: 'trouble'; readonly message: string; readonly error: unknown }

/** A state in the form that crosses from one thread to the other. */
export interface PackedState {
  readonly program: PackedProgram
  readonly counts: Readonly<Record<string, number>>
  /** Undefined: there is no entity data. */
  readonly data: PackedData | undefined
}

export interface PackedData {
  readonly version: string
  /**
   * JSON texts of rows. Left out: the rows are those of the state before, but for `changes`.
   */
  readonly rows?: Pieces
  /** Few enough to be made in an instant. */
  readonly changes?: ChangesSince
}
