import { lineTableOf } from './line-table.ts'
import type { SourceFile, Span } from './span.ts'
import { toVisibleText, widthOf } from './visible-text.ts'

/** One line of a frame: a line of the source, or what marks a part of it. */
export interface FrameLine {
  /** Counted from 1; left out for marks and for lines left out. */
  readonly number?: number
  readonly text: string
  readonly isMark: boolean
}

/** Longer lines are shown around their mark. */
const MAX_LINE = 120
const CONTEXT_BEFORE = 40

/**
 * The lines of a span with carets under it. Of a span over several lines the first and the last are shown, each
 * with its part marked.
 */
export function buildCodeFrame(span: Span, source: SourceFile): readonly FrameLine[] {
  const table = lineTableOf(source)
  const first = table.lineOf(span.start)
  const last = table.lineOf(Math.max(span.start, span.end - 1))
  const lines = [...markLine(first, span, source)]
  if (last === first) return lines
  if (last > first + 1) lines.push({ text: '…', isMark: false })
  return [...lines, ...markLine(last, span, source)]
}

function markLine(line: number, span: Span, source: SourceFile): readonly FrameLine[] {
  const table = lineTableOf(source)
  const text = table.textOf(line)
  const lineStart = table.startOf(line)
  const indent = text.length - text.trimStart().length
  const isFirst = lineStart <= span.start
  const start = Math.min(text.length, isFirst ? span.start - lineStart : indent)
  const end = Math.min(text.length, Math.max(start, span.end - lineStart))
  const cut = cutLine(text, start)
  const before = toVisibleText(text.slice(cut.from, start))
  const marked = toVisibleText(text.slice(start, Math.min(end, cut.to)))
  const after = toVisibleText(text.slice(Math.max(start, Math.min(end, cut.to)), cut.to))
  const lead = cut.from > 0 ? '…' : ''
  const shown = `${lead}${before}${marked}${after}${cut.to < text.length ? '…' : ''}`
  const mark = `${' '.repeat(widthOf(lead + before))}${'^'.repeat(Math.max(1, widthOf(marked)))}`
  return [
    { number: line + 1, text: shown, isMark: false },
    { text: mark, isMark: true },
  ]
}

/** The part of a line to show. Never cuts a character in two. */
function cutLine(text: string, start: number): { readonly from: number; readonly to: number } {
  if (text.length <= MAX_LINE) return { from: 0, to: text.length }
  const from = start < MAX_LINE - CONTEXT_BEFORE ? 0 : wholeCharacter(text, start - CONTEXT_BEFORE)
  return { from, to: wholeCharacter(text, Math.min(text.length, from + MAX_LINE)) }
}

function wholeCharacter(text: string, offset: number): number {
  const code = text.charCodeAt(offset)
  return code >= 0xdc00 && code <= 0xdfff ? offset - 1 : offset
}
