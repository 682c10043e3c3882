// Lines → functions. The one place that makes code from text.
import { FAIL, LEAVE } from './outcome.ts'

/** A function with the constants that its code reads as `k`, the last of its parameters. */
export interface Emitted<F> {
  readonly code: F
  readonly k: readonly unknown[]
}

/**
 * The first functions have their constants built in. Of later ones, what is of one text is one function, whose code the
 * machine learns once, however many plans share it.
 */
export interface FunctionMaker {
  /** @throws EvalError where making code from text is forbidden */
  readonly make: <F>(parameters: readonly string[], body: string, constants: readonly unknown[]) => Emitted<F>
  /** A function without constants of its own. */
  readonly makeShared: <F>(parameters: readonly string[], body: string) => F
}

const MAX_OWN = 32

/** @param operations what the code may call, as `h` */
export function createFunctionMaker(operations: Readonly<Record<string, unknown>>): FunctionMaker {
  const h = Object.freeze({ ...operations })
  const made = new Map<string, unknown>()
  let ownCount = 0

  function compile(text: string, k: readonly unknown[]): unknown {
    // What is constant to the function is constant to its machine code, and costs no look.
    const head = 'const h = operations, k = constants, FAIL = outcomes.FAIL, LEAVE = outcomes.LEAVE;\n'
    return new Function('operations', 'constants', 'outcomes', head + text)(h, k, { FAIL, LEAVE })
  }

  function makeShared<F>(parameters: readonly string[], body: string): F {
    const text = `return function (${parameters.join(', ')}) {\n${body}\n}`
    const code = made.get(text) ?? compile(text, [])
    made.set(text, code)
    return code as F
  }

  return {
    make: <F>(parameters: readonly string[], body: string, k: readonly unknown[]) => {
      if (ownCount < MAX_OWN) {
        ownCount += 1
        const text = `return function (${parameters.join(', ')}) {\n${body}\n}`
        return { code: compile(text, Object.freeze([...k])) as F, k }
      }
      return { code: makeShared<F>([...parameters, 'k'], body), k }
    },
    makeShared,
  }
}

/**
 * Whether code may be made from text here, which a Content Security Policy or an edge runtime can forbid, and read what
 * an object inherits from as a member, which Node's `--disable-proto` ends.
 */
export function canMakeCode(): boolean {
  try {
    return new Function('return ({}).__proto__ === Object.prototype')() === true
  } catch {
    return false
  }
}
