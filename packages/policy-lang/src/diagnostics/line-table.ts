import type { SourceFile } from './span.ts'

/** Where the lines of a text start. A line ends at `\n`; a `\r` in front of it belongs to the end. */
export class LineTable {
  readonly #text: string
  readonly #starts: number[] = [0]
  /** The line found last: most questions are about the same line, or the next. It saves a search, no more. */
  #recent = 0

  constructor(text: string) {
    this.#text = text
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  /** The line that holds an offset, counted from 0. Offsets beyond the text are in its last line. */
  lineOf(offset: number): number {
    if (this.#holds(this.#recent, offset)) return this.#recent
    if (this.#holds(this.#recent + 1, offset)) return ++this.#recent
    this.#recent = this.#search(offset)
    return this.#recent
  }

  #holds(line: number, offset: number): boolean {
    const start = this.#starts[line]
    if (start === undefined || start > offset) return false
    const next = this.#starts[line + 1]
    return next === undefined || offset < next
  }

  #search(offset: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  startOf(line: number): number {
    return this.#starts[line] ?? 0
  }

  /** The text of a line without its end. */
  textOf(line: number): string {
    const next = this.#starts[line + 1]
    return this.#text.slice(this.startOf(line), next).replace(/\r?\n$/, '')
  }
}

// A table is a function of its source alone, so remembering it changes nothing but the cost.
const tables = new WeakMap<SourceFile, LineTable>()

export function lineTableOf(source: SourceFile): LineTable {
  const known = tables.get(source)
  if (known !== undefined) return known
  const table = new LineTable(source.text)
  tables.set(source, table)
  return table
}
