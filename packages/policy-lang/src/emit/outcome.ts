/** What a fast condition comes to: false, true or failed. Ordered as the least solution of roles grows. */
export type FastOutcome = 0 | 1 | 2

export const FALSE = 0
export const TRUE = 1
export const FAILED = 2

/** In place of a value: what was to be read is missing, unknown, ill-typed or out of range. */
export const FAIL: unique symbol = Symbol('failed')

/** A value as the emitted code holds it, `undefined` for absent. Its type is known where the code is made. */
export type FastValue = unknown

/** `||` of two outcomes. */
export function either(a: FastOutcome, b: FastOutcome): FastOutcome {
  if (a === TRUE || b === TRUE) return TRUE
  return a === FAILED || b === FAILED ? FAILED : FALSE
}

/**
 * Thrown, or returned by emitted code, where a decision meets what only the reference evaluator does: it decides
 * then from the start. Never a decision.
 */
export const LEAVE: unique symbol = Symbol('leave to the reference evaluator')
