// A small language of layouts: what may be broken into lines, and where. `renderLayout` breaks the outermost groups
// that do not fit. Knows nothing of the tree.

export type Layout = string | Concat | Group | Indent | Line | Suffix

interface Concat {
  readonly kind: 'concat'
  readonly parts: readonly Layout[]
  readonly isHard: boolean
}
/** Stays on one line if it fits and holds nothing hard; else all its own lines break. */
interface Group {
  readonly kind: 'group'
  readonly content: Layout
  readonly isHard: boolean
}
interface Indent {
  readonly kind: 'indent'
  readonly content: Layout
  readonly isHard: boolean
}
/** A line break in a broken group, `flat` in one that stays on one line. A hard one always breaks. */
interface Line {
  readonly kind: 'line'
  readonly flat: string
  /** Stands before the line break in a broken group. */
  readonly broken: string
  readonly isHard: boolean
}
/** A comment: it goes to the end of the line, wherever that is. */
interface Suffix {
  readonly kind: 'suffix'
  readonly text: string
  readonly isHard: true
}

export const NOTHING = ''
export const LINE: Layout = { kind: 'line', flat: ' ', broken: '', isHard: false }
export const SOFT_LINE: Layout = { kind: 'line', flat: '', broken: '', isHard: false }
export const HARD_LINE: Layout = { kind: 'line', flat: '', broken: '', isHard: true }
/** A comma only where what it separates stands on one line. */
export const FLAT_COMMA: Layout = { kind: 'line', flat: ', ', broken: '', isHard: false }

export function concat(...parts: readonly Layout[]): Layout {
  const kept = parts.filter((part) => part !== NOTHING)
  const [only] = kept
  if (kept.length <= 1) return only ?? NOTHING
  return { kind: 'concat', parts: kept, isHard: kept.some(isHard) }
}

export function group(...parts: readonly Layout[]): Layout {
  const content = concat(...parts)
  return { kind: 'group', content, isHard: isHard(content) }
}

/** A group that always breaks. */
export function openGroup(...parts: readonly Layout[]): Layout {
  return { kind: 'group', content: concat(...parts), isHard: true }
}

export function indent(...parts: readonly Layout[]): Layout {
  const content = concat(...parts)
  return { kind: 'indent', content, isHard: isHard(content) }
}

export function suffix(text: string): Layout {
  return { kind: 'suffix', text, isHard: true }
}

export function join(separator: Layout, parts: readonly Layout[]): Layout {
  return concat(...parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part])))
}

/** Whether a layout takes several lines however wide they are. */
export function isHard(layout: Layout): boolean {
  return typeof layout !== 'string' && layout.isHard
}

interface Pending {
  readonly layout: Layout
  readonly depth: number
  readonly isFlat: boolean
}

const INDENT = '  '

/** The text of a layout, without a line break at its end and without blanks at the end of lines. */
export function renderLayout(layout: Layout, width: number): string {
  const lines: string[] = []
  let line = ''
  let lineDepth = 0
  let suffixes: string[] = []
  const breakLine = (depth: number): void => {
    const [first, ...others] = suffixes
    const written = line.trimEnd()
    if (first !== undefined && written === '') lines.push(`${INDENT.repeat(lineDepth)}${first}`)
    else lines.push(first === undefined ? written : `${written} ${first}`)
    for (const other of others) lines.push(`${INDENT.repeat(lineDepth)}${other}`)
    suffixes = []
    line = INDENT.repeat(depth)
    lineDepth = depth
  }
  const stack: Pending[] = [{ layout, depth: 0, isFlat: false }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { layout: current, depth, isFlat } = next
    if (typeof current === 'string') line += current
    else if (current.kind === 'suffix') suffixes.push(current.text)
    else if (current.kind === 'line') {
      if (isFlat && !current.isHard) line += current.flat
      else {
        line += current.broken
        breakLine(depth)
      }
    } else if (current.kind === 'group') {
      const isFitting = !current.isHard && (isFlat || fits(current.content, stack, width - line.length))
      stack.push({ layout: current.content, depth, isFlat: isFitting })
    } else if (current.kind === 'indent') {
      stack.push({ layout: current.content, depth: depth + 1, isFlat })
    } else {
      for (const part of current.parts.toReversed()) stack.push({ layout: part, depth, isFlat })
    }
  }
  breakLine(0)
  return lines.join('\n')
}

/** Whether a layout on one line, and what follows it up to the next possible break, takes at most `room` columns. */
function fits(content: Layout, rest: readonly Pending[], room: number): boolean {
  let left = room
  let restIndex = rest.length
  const stack: { layout: Layout; isFlat: boolean }[] = [{ layout: content, isFlat: true }]
  while (left >= 0) {
    let next = stack.pop()
    if (next === undefined) {
      restIndex--
      next = rest[restIndex]
      if (next === undefined) return true
    }
    const { layout, isFlat } = next
    if (typeof layout === 'string') left -= layout.length
    else if (layout.kind === 'line') {
      if (!isFlat || layout.isHard) return true
      left -= layout.flat.length
    } else if (layout.kind === 'suffix') continue
    else if (layout.kind === 'concat') {
      for (const part of layout.parts.toReversed()) stack.push({ layout: part, isFlat })
    } else stack.push({ layout: layout.content, isFlat: isFlat && !layout.isHard })
  }
  return false
}
