import { RE2JS } from 're2js'
import type { Span } from '../diagnostics/span.ts'
import type { Report } from './report.ts'

/** A pattern after `matches` must compile here, so that it cannot fail while deciding. */
export function checkPattern(pattern: string, span: Span, report: Report): void {
  try {
    RE2JS.compile(pattern)
  } catch (error) {
    report({
      code: 'bad-pattern',
      span,
      message: `\`${pattern}\` is no pattern that can be matched in linear time${describe(error)}`,
      hint: 'patterns are RE2: without look-around and back-references',
    })
  }
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : ''
  return text === '' ? '' : `: ${text}`
}
