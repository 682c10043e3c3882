import { type LineTable, lineTableOf } from '../diagnostics/line-table.ts'
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
  const tableOf = (file: string): LineTable => {
    const table = tables.get(file)
    if (table === undefined) throw new TypeError(`a span in an unknown source \`${file}\``)
    return table
  }
  return {
    locationOf: ({ file, start }) => {
      const table = tableOf(file)
      const line = table.lineOf(start)
      return { file, line: line + 1, column: start - table.startOf(line) + 1 }
    },
    placeOf: ({ file, start }) => {
      const table = tableOf(file)
      const line = table.lineOf(start)
      return [indices.get(file) ?? 0, line + 1, start - table.startOf(line) + 1]
    },
  }
}
