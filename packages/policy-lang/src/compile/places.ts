import { lineTableOf } from '../diagnostics/line-table.ts'
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
  const tables = new Map(sources.map((source) => [source.name, lineTableOf(source)]))
  const indices = new Map(programSources.map((name, index) => [name, index]))
  const locationOf = ({ file, start }: Span): Location => {
    const table = tables.get(file)
    if (table === undefined) throw new TypeError(`a span in an unknown source \`${file}\``)
    const line = table.lineOf(start)
    return { file, line: line + 1, column: start - table.startOf(line) + 1 }
  }
  return {
    locationOf,
    placeOf: (span) => {
      const { line, column } = locationOf(span)
      return [indices.get(span.file) ?? 0, line, column]
    },
  }
}
