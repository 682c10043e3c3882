// Lines → functions. The one place that makes code from text.
import { FAIL, LEAVE } from './outcome.ts'

/** Functions of one text are made from one factory: they share their code, each with constants of its own. */
export interface FunctionMaker {
  /**
   * @param constants reached in the body as `k0`, `k1`, …
   * @throws EvalError where making code from text is forbidden
   */
  readonly make: <T>(parameters: readonly string[], body: string, constants: readonly unknown[]) => T
  /** How many different texts were made into code. */
  readonly count: () => number
}

type Factory = (...args: readonly unknown[]) => unknown

/** @param operations what the code may call, as `h` */
export function createFunctionMaker(operations: Readonly<Record<string, unknown>>): FunctionMaker {
  const factories = new Map<string, Factory>()
  const factoryOf = (text: string): Factory => {
    const known = factories.get(text)
    if (known !== undefined) return known
    const factory = new Function('h', 'FAIL', 'LEAVE', 'k', text) as Factory
    factories.set(text, factory)
    return factory
  }
  return {
    make: <T>(parameters: readonly string[], body: string, constants: readonly unknown[]) => {
      const text = `${unpack(constants.length)}\nreturn function (${parameters.join(', ')}) {\n${body}\n}`
      return factoryOf(text)(operations, FAIL, LEAVE, constants) as T
    },
    count: () => factories.size,
  }
}

function unpack(count: number): string {
  if (count === 0) return ''
  return `const ${Array.from({ length: count }, (_, index) => `k${index} = k[${index}]`).join(', ')};`
}

/** Whether code may be made from text here. A Content Security Policy or an edge runtime can forbid it. */
export function canMakeCode(): boolean {
  try {
    return new Function('return true')() === true
  } catch {
    return false
  }
}
