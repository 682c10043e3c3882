// A small language of layouts: what may be broken into lines, and where. `renderLayout` breaks the outermost groups
// that do not fit. Knows nothing of the tree.

export type Layout = string | Concat | Group | Indent | Line | Suffix

interface Concat {
  readonly kind: 'concat'
  readonly parts: readonly Layout[]
  /** Columns on one line, here and below: what is hard never stands on one. */
  readonly width: number
  readonly isHard: boolean
}
/** Stays on one line if it fits and holds nothing hard; else all its own lines break. */
interface Group {
  readonly kind: 'group'
  readonly content: Layout
  readonly width: number
  readonly isHard: boolean
}
interface Indent {
  readonly kind: 'indent'
  readonly content: Layout
  readonly width: number
  readonly isHard: boolean
}
/** A line break in a broken group, `flat` in one that stays on one line. A hard one always breaks. */
interface Line {
  readonly kind: 'line'
  readonly flat: string
  /** Stands before the line break in a broken group. */
  readonly broken: string
  readonly width: number
  readonly isHard: boolean
}
/** A comment: it goes to the end of the line, wherever that is. */
interface Suffix {
  readonly kind: 'suffix'
  readonly text: string
  readonly width: 0
  readonly isHard: true
}

export const NOTHING = ''
export const LINE: Layout = { kind: 'line', flat: ' ', broken: '', width: 1, isHard: false }
export const SOFT_LINE: Layout = { kind: 'line', flat: '', broken: '', width: 0, isHard: false }
export const HARD_LINE: Layout = { kind: 'line', flat: '', broken: '', width: 0, isHard: true }
/** A comma only where what it separates stands on one line. */
export const FLAT_COMMA: Layout = { kind: 'line', flat: ', ', broken: '', width: 2, isHard: false }

export function concat(...parts: readonly Layout[]): Layout {
  return concatAll(parts)
}

/** Texts that follow each other become one: most of what is printed never needs a node of its own. */
function concatAll(parts: readonly Layout[]): Layout {
  let count = 0
  let only: Layout = NOTHING
  let text: string | undefined = ''
  let width = 0
  let isHard = false
  for (const part of parts) {
    if (part === NOTHING) continue
    count++
    only = part
    width += widthOf(part)
    if (typeof part === 'string') text = text === undefined ? undefined : text + part
    else {
      text = undefined
      isHard ||= part.isHard
    }
  }
  if (count <= 1) return only
  if (text !== undefined) return text
  const kept = count === parts.length ? parts : parts.filter((part) => part !== NOTHING)
  return { kind: 'concat', parts: kept, width, isHard }
}

export function group(...parts: readonly Layout[]): Layout {
  const content = concatAll(parts)
  return { kind: 'group', content, width: widthOf(content), isHard: isHard(content) }
}

/** A group that always breaks. */
export function openGroup(...parts: readonly Layout[]): Layout {
  const content = concatAll(parts)
  return { kind: 'group', content, width: widthOf(content), isHard: true }
}

export function indent(...parts: readonly Layout[]): Layout {
  const content = concatAll(parts)
  return { kind: 'indent', content, width: widthOf(content), isHard: isHard(content) }
}

export function suffix(text: string): Layout {
  return { kind: 'suffix', text, width: 0, isHard: true }
}

export function join(separator: Layout, parts: readonly Layout[]): Layout {
  const all: Layout[] = []
  for (const part of parts) {
    if (all.length > 0) all.push(separator)
    all.push(part)
  }
  return concatAll(all)
}

function widthOf(layout: Layout): number {
  return typeof layout === 'string' ? layout.length : layout.width
}

/** Whether a layout takes several lines however wide they are. */
export function isHard(layout: Layout): boolean {
  return typeof layout !== 'string' && layout.isHard
}

/** The same layout of other texts. */
export function mapTexts(layout: Layout, map: (text: string) => string): Layout {
  if (typeof layout === 'string') return map(layout)
  switch (layout.kind) {
    case 'line':
    case 'suffix':
      return layout
    case 'concat':
      return concatAll(layout.parts.map((part) => mapTexts(part, map)))
    case 'indent':
      return indent(mapTexts(layout.content, map))
    case 'group': {
      const content = mapTexts(layout.content, map)
      return layout.isHard ? openGroup(content) : group(content)
    }
  }
}

/** What is still to be written, in groups that are broken: what stays on one line is written at once. */
interface Pending {
  readonly layout: Layout
  readonly depth: number
}

const INDENT = '  '

/** The text of a layout, without a line break at its end and without blanks at the end of lines. */
export function renderLayout(layout: Layout, width: number): string {
  const isLine = typeof layout === 'string' || (layout.kind === 'group' && !layout.isHard)
  if (isLine && widthOf(layout) <= width) return flatten(layout).trimEnd()
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
  const stack: Pending[] = [{ layout, depth: 0 }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { layout: current, depth } = next
    if (typeof current === 'string') line += current
    else if (current.kind === 'suffix') suffixes.push(current.text)
    else if (current.kind === 'line') {
      line += current.broken
      breakLine(depth)
    } else if (current.kind === 'group') {
      const isFitting = !current.isHard && fits(current, stack, width - line.length)
      if (isFitting) line += flatten(current.content)
      else stack.push({ layout: current.content, depth })
    } else if (current.kind === 'indent') {
      stack.push({ layout: current.content, depth: depth + 1 })
    } else {
      for (const part of current.parts.toReversed()) stack.push({ layout: part, depth })
    }
  }
  breakLine(0)
  return lines.join('\n')
}

/** The text of a layout on one line: nothing in it is hard. */
function flatten(layout: Layout): string {
  if (typeof layout === 'string') return layout
  if (layout.kind === 'line') return layout.flat
  if (layout.kind === 'suffix') return NOTHING
  if (layout.kind !== 'concat') return flatten(layout.content)
  let text = ''
  for (const part of layout.parts) text += flatten(part)
  return text
}

/** Whether a layout on one line, and what follows it up to the next possible break, takes at most `room` columns. */
function fits(content: Layout, rest: readonly Pending[], room: number): boolean {
  let left = room - widthOf(content)
  let restIndex = rest.length
  const stack: Layout[] = []
  while (left >= 0) {
    let next = stack.pop()
    if (next === undefined) {
      restIndex--
      next = rest[restIndex]?.layout
      if (next === undefined) return true
    }
    if (typeof next === 'string') left -= next.length
    else if (next.kind === 'line') return true
    else if (next.kind === 'suffix') continue
    else if (next.kind === 'concat') for (const part of next.parts.toReversed()) stack.push(part)
    else stack.push(next.content)
  }
  return false
}
