import type { Observations } from './expressions/run-typing.ts'
import type { Report } from './report.ts'

/** Conditions that come out the same for every request: mostly a slip, or left over from a change. */
export function warnConstants(observed: readonly (Observations | undefined)[], report: Report): void {
  for (const observations of observed) {
    for (const [node, value] of observations?.constants ?? []) {
      report({
        code: 'constant-condition',
        span: node.span,
        message: `this is always ${value} here`,
        hint: 'take it out, or test what was meant',
      })
    }
  }
}
