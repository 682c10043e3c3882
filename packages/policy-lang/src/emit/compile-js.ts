// Lines → functions. The one place that makes code from text.
import { FAIL, LEAVE } from './outcome.ts'

/** A function with the constants that its code reads as `k`, the last of its parameters. */
export interface Emitted<F> {
  readonly code: F
  readonly k: readonly unknown[]
}

/** A function whose text is being written. */
export interface Draft {
  /** How the text reads a constant, by its place. */
  readonly constantJs: (place: number) => string
  /** @throws EvalError where making code from text is forbidden */
  readonly finish: <F>(
    parameters: readonly string[],
    body: string,
    constants: readonly unknown[],
  ) => Emitted<F>
}

/**
 * The first functions have their constants built in. Of later ones, what is of one text is one function, whose code the
 * machine learns once, however many plans share it.
 */
export interface FunctionMaker {
  readonly begin: () => Draft
  /** A function without constants of its own. */
  readonly makeShared: <F>(parameters: readonly string[], body: string) => F
}

const MAX_OWN = 32

/** @param operations what the code may call, as `h` */
export function createFunctionMaker(operations: Readonly<Record<string, unknown>>): FunctionMaker {
  const h = Object.freeze({ ...operations })
  const made = new Map<string, unknown>()
  let ownCount = 0

  function makeShared<F>(parameters: readonly string[], body: string): F {
    const text = toFunctionText(parameters, body)
    const code = made.get(text) ?? compile(text, h, [])
    made.set(text, code)
    return code as F
  }

  const own: Draft = {
    constantJs: (place) => `k${place}`,
    finish: <F>(parameters: readonly string[], body: string, k: readonly unknown[]) => {
      return { code: compile(toFunctionText(parameters, body), h, k) as F, k }
    },
  }
  const shared: Draft = {
    constantJs: (place) => `k[${place}]`,
    finish: <F>(parameters: readonly string[], body: string, k: readonly unknown[]) => {
      return { code: makeShared<F>([...parameters, 'k'], body), k }
    },
  }
  return {
    begin: () => {
      ownCount += 1
      return ownCount <= MAX_OWN ? own : shared
    },
    makeShared,
  }
}

function toFunctionText(parameters: readonly string[], body: string): string {
  // In parentheses, so that it is compiled now rather than in the middle of the first decision.
  return `return (function (${parameters.join(', ')}) {\n${body}\n})`
}

/** What is constant to the function is constant to its machine code, and costs no look. */
function compile(text: string, operations: object, constants: readonly unknown[]): unknown {
  const names = constants.map((_, place) => `const k${place} = constants[${place}];\n`).join('')
  const head = 'const h = operations, FAIL = outcomes.FAIL, LEAVE = outcomes.LEAVE;\n'
  const make = new Function('operations', 'constants', 'outcomes', head + names + text)
  return make(operations, constants, { FAIL, LEAVE })
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
