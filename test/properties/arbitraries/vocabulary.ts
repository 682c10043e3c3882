// The names of a generated case, which mean nothing: under others of one's choice all answers must be the same.

export type WordKind = 'type' | 'role' | 'action' | 'id' | 'name' | 'parameter'

export interface Vocabulary {
  /** The word that stands for a plain one. No two plain ones of a kind have the same. */
  readonly word: (kind: WordKind, plain: string) => string
  /** No condition reads an id or the name of the action as text. */
  readonly hidesNames: boolean
}

export const PLAIN: Vocabulary = { word: (_, plain) => plain, hidesNames: false }
