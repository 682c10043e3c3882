/** One `//` or `///` comment: its text as written, without the line end. */
export interface Comment {
  readonly start: number
  readonly text: string
}

/** The comments of a source, which the tree knows nothing of, by their place. */
export class CommentTable {
  readonly all: readonly Comment[]
  readonly #text: string

  constructor(comments: readonly Comment[], text: string) {
    this.all = comments
    this.#text = text
  }

  get isEmpty(): boolean {
    return this.all.length === 0
  }

  /** The `///` lines between two tokens, but for one that ends the line of the first. */
  docBetween(from: number, to: number): string | undefined {
    const lines: string[] = []
    for (let index = this.#firstFrom(to) - 1; index >= 0; index--) {
      const comment = this.all[index]
      if (comment === undefined || comment.start < from) break
      if (isDoc(comment) && !this.#isOnLineOf(comment, from)) lines.push(docLine(comment))
    }
    return lines.length === 0 ? undefined : lines.reverse().join('\n')
  }

  /** Whether a comment ends the line on which something ended at `end`. */
  #isOnLineOf(comment: Comment, end: number): boolean {
    return end >= 0 && !/[\r\n]/.test(this.#text.slice(end, comment.start))
  }

  #firstFrom(offset: number): number {
    let low = 0
    let high = this.all.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.all[middle]?.start ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

export const NO_COMMENTS: CommentTable = new CommentTable([], '')

/** Three slashes and no fourth: a line of slashes is decoration. */
export function isDoc(comment: Comment): boolean {
  return comment.text.startsWith('///') && !comment.text.startsWith('////')
}

function docLine(comment: Comment): string {
  return comment.text.slice(3).replace(/^ /, '').trimEnd()
}
