/** A half-open range `[start, end)` of UTF-16 offsets in one source. */
export interface Span {
  /** Name of the source the offsets count in, as given to `loadPolicySet`. */
  readonly file: string
  readonly start: number
  readonly end: number
}

/** A named policy text. */
export interface SourceFile {
  /** Shown in diagnostics and locations; usually a path relative to the policy directory. */
  readonly name: string
  readonly text: string
}

/** A place in a source as people count: lines and columns start at 1, columns in UTF-16 units. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}
