import type { Location, SourceFile, Span } from '../diagnostics/span.ts'
import type { Place } from '../program/program.ts'

/** Turns spans into lines and columns. */
export interface Places {
  /** Counts into the sources that hold policy, sorted by name. */
  placeOf(span: Span): Place
  locationOf(span: Span): Location
}

/** `programSources` are the names that places count into. */
export function createPlaces(sources: readonly SourceFile[], programSources: readonly string[]): Places {
  const lineStarts = new Map(sources.map((source) => [source.name, findLineStarts(source.text)]))
  const indices = new Map(programSources.map((name, index) => [name, index]))
  const locationOf = (span: Span): Location => {
    const starts = lineStarts.get(span.file) ?? [0]
    const line = findLine(starts, span.start)
    return { file: span.file, line: line + 1, column: span.start - (starts[line] ?? 0) + 1 }
  }
  return {
    locationOf,
    placeOf: (span) => {
      const { line, column } = locationOf(span)
      return [indices.get(span.file) ?? 0, line, column]
    },
  }
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Index of the last line that starts at or before the offset: binary, since every node of a policy asks. */
function findLine(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
