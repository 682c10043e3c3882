import { emitMethodValue } from './emit-method.ts'
import { emitHolds } from './emit-role.ts'
import { emitTest } from './emit-test.ts'
import { emitValue } from './emit-value.ts'
import type { Forms } from './site.ts'

/** Every form of the language, as it is emitted. */
export const FORMS: Forms = {
  value: emitValue,
  method: emitMethodValue,
  test: emitTest,
  holds: emitHolds,
}
