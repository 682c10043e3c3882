import type { Location } from '../diagnostics/span.ts'
import type { Place, Program } from '../program/program.ts'

/** A place as a file name with line and column. */
export function toLocation([source, line, column]: Place, program: Program): Location {
  return { file: program.sources[source] ?? '', line, column }
}
