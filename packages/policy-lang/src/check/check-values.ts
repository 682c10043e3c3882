import type { CheckState } from './check-state.ts'
import { bodyOf } from './value-table.ts'

/** Names and literals in the bodies of `let` and `fn`, used or not. Types are checked where they are used. */
export function checkValues({ declarations, names }: CheckState): void {
  for (const value of declarations.lets.values()) names.resolve(bodyOf(value))
  for (const fn of declarations.fns.values()) {
    names.resolve(bodyOf(fn), new Set(fn.parameters.map((parameter) => parameter.name.name)))
  }
}
