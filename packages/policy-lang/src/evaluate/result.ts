import type { Value } from '../model/values.ts'
import type { Place } from '../program/program.ts'

/** Why an expression has no value and is not absent: data that is missing, unknown, ill-typed or out of range. */
export interface Failure {
  readonly kind: 'failure'
  readonly message: string
  /** Where in the policy text. */
  readonly at?: Place
  /** JSON path of the input at fault. */
  readonly path?: string
}

/** What an expression comes to: a value, `undefined` for absent, or a failure. */
export type Result = Value | undefined | Failure

/** What a condition comes to. */
export type Outcome = boolean | Failure

export interface FailureOrigin {
  readonly at?: Place | undefined
  readonly path?: string | undefined
}

export function failure(message: string, { at, path }: FailureOrigin = {}): Failure {
  return {
    kind: 'failure',
    message,
    ...(at !== undefined && { at }),
    ...(path !== undefined && { path }),
  }
}

export function isFailure(result: Result | Outcome): result is Failure {
  return typeof result === 'object' && result.kind === 'failure'
}

/** `&&`: false if any is false, else failed if any failed. Which is asked first changes nothing but the cause. */
export function allOf<T>(items: Iterable<T>, judge: (item: T) => Outcome): Outcome {
  let failed: Failure | undefined
  for (const item of items) {
    const outcome = judge(item)
    if (outcome === false) return false
    if (outcome !== true) failed ??= outcome
  }
  return failed ?? true
}

/** `||`: true if any is true, else failed if any failed. */
export function anyOf<T>(items: Iterable<T>, judge: (item: T) => Outcome): Outcome {
  let failed: Failure | undefined
  for (const item of items) {
    const outcome = judge(item)
    if (outcome === true) return true
    if (outcome !== false) failed ??= outcome
  }
  return failed ?? false
}
