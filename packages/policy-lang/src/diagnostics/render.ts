// In: a diagnostic and the sources. Out: text for people, with the lines it is about.
import { buildCodeFrame } from './code-frame.ts'
import type { Diagnostic, Environment } from './diagnostic.ts'
import { lineTableOf } from './line-table.ts'
import type { Location, SourceFile, Span } from './span.ts'
import { toVisibleText } from './visible-text.ts'

export interface RenderOptions {
  /** ANSI colours. Default false. */
  readonly color?: boolean
}

/** Where a span starts. Of a source that is not among them, the first line counts as the only one. */
export function locate(span: Span, sources: readonly SourceFile[]): Location {
  const source = findSource(span, sources)
  if (source === undefined) return { file: span.file, line: 1, column: span.start + 1 }
  const table = lineTableOf(source)
  const line = table.lineOf(span.start)
  return { file: span.file, line: line + 1, column: span.start - table.startOf(line) + 1 }
}

/**
 * A diagnostic with the lines it is about, related places, and what to do. Ends without a line break.
 * Nothing that stands in a source or in a name reaches the terminal as a control sequence.
 *
 * ```text
 * error: `User` has no attribute `deparment` [unknown-attribute]
 *  --> rules.edict:3:14
 *   |
 * 3 |   if subject.deparment == "it"
 *   |              ^^^^^^^^^
 *   = hint: did you mean `department`
 * ```
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  sources: readonly SourceFile[],
  options: RenderOptions = {},
): string {
  const paint = options.color === true ? colored : plain
  const { code, severity, message, span, environment, related = [], hint } = diagnostic
  const lines = [
    `${paint(severity, severity)}: ${paint('strong', toVisibleText(message))} ${paint('dim', `[${code}]`)}`,
    ...renderPlace(span, sources, paint),
  ]
  const where = environment === undefined ? '' : describeEnvironment(environment)
  if (where !== '') lines.push(`  ${paint('dim', '=')} for ${toVisibleText(where)}`)
  if (hint !== undefined) lines.push(`  ${paint('dim', '=')} hint: ${toVisibleText(hint)}`)
  for (const { span: place, message: note } of related) {
    lines.push(`${paint('note', 'note')}: ${toVisibleText(note)}`, ...renderPlace(place, sources, paint))
  }
  return lines.join('\n')
}

function renderPlace(span: Span, sources: readonly SourceFile[], paint: Paint): readonly string[] {
  const { file, line, column } = locate(span, sources)
  const place = `${toVisibleText(file)}:${line}:${column}`
  const source = findSource(span, sources)
  if (source === undefined) return [` ${paint('dim', '-->')} ${place}`]
  const frame = buildCodeFrame(span, source)
  const gutter = Math.max(...frame.map(({ number = 0 }) => String(number).length))
  const bar = paint('dim', '|')
  const rows = frame.map(({ number, text, isMark }) => {
    const label = paint('dim', String(number ?? '').padStart(gutter))
    return `${label} ${bar} ${isMark ? paint('mark', text) : text}`.trimEnd()
  })
  const edge = ' '.repeat(gutter)
  return [`${edge}${paint('dim', '-->')} ${place}`, `${edge} ${bar}`, ...rows]
}

function describeEnvironment({ subject, action, resource }: Environment): string {
  return [
    subject === undefined ? '' : `subject ${subject}`,
    action === undefined ? '' : `action ${action}`,
    resource === undefined ? '' : `resource ${resource}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function findSource(span: Span, sources: readonly SourceFile[]): SourceFile | undefined {
  return sources.find(({ name }) => name === span.file)
}

type Style = 'error' | 'warning' | 'note' | 'strong' | 'dim' | 'mark'
type Paint = (style: Style, text: string) => string

const CODES: Readonly<Record<Style, string>> = {
  error: '1;31',
  warning: '1;33',
  note: '1;36',
  strong: '1',
  dim: '2',
  mark: '1;31',
}

function plain(_style: Style, text: string): string {
  return text
}

function colored(style: Style, text: string): string {
  return `\u001b[${CODES[style]}m${text}\u001b[0m`
}
