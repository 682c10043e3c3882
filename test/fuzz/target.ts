// What is fuzzed: a way to make inputs, what must hold for each, and how an input becomes smaller.
import type { Random } from './random.ts'

/** What is wrong with the answer to an input; undefined where all is well. */
export type Verdict = string | undefined

export interface TargetDefinition<Input> {
  readonly name: string
  readonly make: (random: Random) => Input
  readonly check: (input: Input) => Verdict | Promise<Verdict>
  readonly shrink: (input: Input) => Iterable<Input>
  /** Characters of policy text. Default 0. */
  readonly length?: (input: Input) => number
  readonly print: (input: Input) => string
}

/** One input, whatever its form. */
export interface Trial {
  readonly target: string
  readonly length: number
  readonly check: () => Verdict | Promise<Verdict>
  readonly smaller: () => Iterable<Trial>
  readonly print: () => string
}

export interface Target {
  readonly name: string
  readonly makeTrial: (random: Random) => Trial
}

export function defineTarget<Input>(definition: TargetDefinition<Input>): Target {
  return { name: definition.name, makeTrial: (random) => toTrial(definition, definition.make(random)) }
}

function toTrial<Input>(definition: TargetDefinition<Input>, input: Input): Trial {
  return {
    target: definition.name,
    length: definition.length?.(input) ?? 0,
    check: () => definition.check(input),
    print: () => definition.print(input),
    *smaller() {
      for (const smaller of definition.shrink(input)) yield toTrial(definition, smaller)
    },
  }
}
