// Lines → functions. The one place that makes code from text.
import { FAIL, LEAVE } from './outcome.ts'

/** A function with the constants that its code reads as `k`, the last of its parameters. */
export interface Emitted<F> {
  readonly code: F
  readonly k: readonly unknown[]
}

/** What is of one text is one function, whose code the machine learns once, however many plans share it. */
export interface FunctionMaker {
  /** @throws EvalError where making code from text is forbidden */
  readonly make: <F>(parameters: readonly string[], body: string, constants: readonly unknown[]) => Emitted<F>
}

/** @param operations what the code may call, as `h` */
export function createFunctionMaker(operations: Readonly<Record<string, unknown>>): FunctionMaker {
  const made = new Map<string, unknown>()
  return {
    make: <F>(parameters: readonly string[], body: string, k: readonly unknown[]) => {
      const text = `return function (${parameters.join(', ')}, k) {\n${body}\n}`
      const code = made.get(text) ?? new Function('h', 'FAIL', 'LEAVE', text)(operations, FAIL, LEAVE)
      made.set(text, code)
      return { code: code as F, k }
    },
  }
}

/** Whether code may be made from text here. A Content Security Policy or an edge runtime can forbid it. */
export function canMakeCode(): boolean {
  try {
    return new Function('return true')() === true
  } catch {
    return false
  }
}
