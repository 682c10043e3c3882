/** Where the bytes of a bundle come from: an address, or a file. It gives bytes, and knows nothing of what they hold. */
export interface BundleOrigin {
  /**
   * Looks once; never rejects.
   *
   * @param tag what came with the bytes that are in use: where it still holds those, they need not come again
   */
  readonly look: (tag: string | undefined, signal: AbortSignal) => Promise<BundleLook>
}

export type BundleLook = FoundBundle | { readonly kind: 'unchanged' } | MissedBundle

export interface FoundBundle {
  readonly kind: 'found'
  readonly bytes: Uint8Array
  /** Names these bytes as long as they are there. */
  readonly tag: string | undefined
}

export interface MissedBundle {
  readonly kind: 'missed'
  /** One sentence that anybody may read. */
  readonly summary: string
  /** The origin asks to be left alone for so long. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}
