// Cases are built by plain code that asks for one small number after the other. The numbers are kept as a tape:
// a shorter tape, or one with smaller numbers, builds a simpler case of the same make, so that every case shrinks.
import * as fc from 'fast-check'
import { PLAIN, type Vocabulary } from './vocabulary.ts'

const SPAN = 65_536

/** Where the code that builds a case takes its decisions from. The first of several is always the simplest. */
export class Choices {
  readonly #next: () => number
  /** Nothing is left out, unknown, ill-typed or out of range. */
  readonly isFaultless: boolean
  readonly words: Vocabulary

  constructor(next: () => number, isFaultless: boolean, words: Vocabulary = PLAIN) {
    this.#next = next
    this.isFaultless = isFaultless
    this.words = words
  }

  /** Builds the same twice, under other names: what depends on a name shows as a difference. */
  twice<T>(build: (choices: Choices) => T, first: Vocabulary, second: Vocabulary): readonly [T, T] {
    const tape: number[] = []
    const record = (): number => {
      const raw = this.#next()
      tape.push(raw)
      return raw
    }
    let position = 0
    const repeat = (): number => tape[position++] ?? Number.NaN
    const one = build(new Choices(record, this.isFaultless, first))
    const other = build(new Choices(repeat, this.isFaultless, second))
    if (position !== tape.length) throw new Error('what is built depends on names')
    return [one, other]
  }

  /** True in so many of a hundred cases, where faults are wanted. */
  fault(percent: number): boolean {
    return this.chance(percent) && !this.isFaultless
  }

  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor((this.#next() * count) / SPAN)
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.#next() >= SPAN * (1 - percent / 100)
  }

  pick<T>(options: readonly T[]): T {
    if (options.length === 0) throw new Error('nothing to pick from')
    return options[this.below(options.length)] as T
  }

  /** Options with weights; the first is the simplest. */
  weighted<T>(options: readonly (readonly [number, T])[]): T {
    let rest = this.below(options.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, option] of options) {
      if (rest < weight) return option
      rest -= weight
    }
    throw new Error('nothing to pick from')
  }

  /** Between `min` and `max` results. */
  list<T>(min: number, max: number, make: (index: number) => T): T[] {
    return Array.from({ length: min + this.below(max - min + 1) }, (_, index) => make(index))
  }

  /** Some of the options in their order, at least `min`. */
  some<T>(options: readonly T[], min: number, max: number): T[] {
    const rest = [...options]
    const count = Math.min(options.length, min + this.below(max - min + 1))
    const taken = new Set<T>()
    for (let index = 0; index < count; index += 1) {
      const [option] = rest.splice(this.below(rest.length), 1)
      if (option !== undefined) taken.add(option)
    }
    return options.filter((option) => taken.has(option))
  }
}

type Tape = readonly number[]

interface Make<T> {
  readonly build: (choices: Choices) => T
  readonly isFaultless: boolean
}

function replay<T>(tape: Tape, { build, isFaultless }: Make<T>): fc.Value<T> {
  let position = 0
  const value = build(
    new Choices(() => {
      const raw = tape[position] ?? 0
      position += 1
      return raw
    }, isFaultless),
  )
  return new fc.Value(value, tape.slice(0, position))
}

const SMALLEST_PIECES = 64

/** Simpler tapes: pieces left out, large before small. Few, since each costs a policy set to load. */
function* simplify(tape: Tape): IterableIterator<Tape> {
  const smallest = Math.max(1, Math.ceil(tape.length / SMALLEST_PIECES))
  for (let size = Math.ceil(tape.length / 2); size >= smallest; size = Math.floor(size / 2)) {
    for (let start = tape.length - size; start >= 0; start -= size) {
      yield [...tape.slice(0, start), ...tape.slice(start + size)]
    }
  }
}

class TapeArbitrary<T> extends fc.Arbitrary<T> {
  readonly #make: Make<T>

  constructor(make: Make<T>) {
    super()
    this.#make = make
  }

  override generate(random: fc.Random): fc.Value<T> {
    const tape: number[] = []
    const value = this.#make.build(
      new Choices(() => {
        const raw = random.nextInt(0, SPAN - 1)
        tape.push(raw)
        return raw
      }, this.#make.isFaultless),
    )
    return new fc.Value(value, tape)
  }

  override canShrinkWithoutContext(_value: unknown): _value is T {
    return false
  }

  override shrink(_value: T, context: unknown): fc.Stream<fc.Value<T>> {
    if (!Array.isArray(context)) return fc.Stream.nil()
    const make = this.#make
    function* candidates(): IterableIterator<fc.Value<T>> {
      for (const tape of simplify(context as Tape)) yield replay(tape, make)
    }
    return new fc.Stream(candidates())
  }
}

/** An arbitrary out of code that builds a case from choices. */
export function fromChoices<T>(build: (choices: Choices) => T, isFaultless = false): fc.Arbitrary<T> {
  return new TapeArbitrary({ build, isFaultless })
}
