// Answers by two numbers, in one flat table: a lookup touches one line of memory, where maps within maps touch ten.
import type { Answer } from '../model/answer.ts'

export interface AnswerTable {
  /** Numbers are whole, from 1 up to 2³¹ - 1. */
  readonly get: (first: number, second: number) => Answer | undefined
  /** Once there are too many, all others are forgotten. */
  readonly set: (first: number, second: number, answer: Answer) => void
}

/** Both numbers, the place of the answer, and room that makes a slot a quarter of a line. */
const STRIDE = 4
const MIN_SLOTS = 64

/** @param maxSize answers that are remembered */
export function createAnswerTable(maxSize: number): AnswerTable {
  let slots = new Int32Array(MIN_SLOTS * STRIDE)
  let mask = MIN_SLOTS - 1
  let size = 0
  /** Many questions have one answer. */
  let answers: Answer[] = []
  let places = new Map<Answer, number>()

  function clear(): void {
    slots = new Int32Array(MIN_SLOTS * STRIDE)
    mask = MIN_SLOTS - 1
    size = 0
    answers = []
    places = new Map()
  }

  function placeOf(answer: Answer): number {
    const known = places.get(answer)
    if (known !== undefined) return known
    const place = answers.push(answer) - 1
    places.set(answer, place)
    return place
  }

  /** That of the numbers, or the empty one where they belong. */
  function slotOf(first: number, second: number): number {
    for (let at = scatter(first, second) & mask; ; at = (at + 1) & mask) {
      const slot = at * STRIDE
      const found = slots[slot]
      if (found === 0 || (found === first && slots[slot + 1] === second)) return slot
    }
  }

  function write(first: number, second: number, place: number): void {
    const slot = slotOf(first, second)
    slots[slot] = first
    slots[slot + 1] = second
    slots[slot + 2] = place
  }

  /** INVARIANT: at least half of the slots are empty. */
  function grow(): void {
    const before = slots
    slots = new Int32Array(before.length * 2)
    mask = mask * 2 + 1
    for (let slot = 0; slot < before.length; slot += STRIDE) {
      const [first = 0, second = 0, place = 0] = before.subarray(slot, slot + STRIDE)
      if (first !== 0) write(first, second, place)
    }
  }

  return {
    get(first, second) {
      const slot = slotOf(first, second)
      return slots[slot] === 0 ? undefined : answers[slots[slot + 2] ?? 0]
    },
    set(first, second, answer) {
      if (size >= maxSize) clear()
      if (slots[slotOf(first, second)] === 0) {
        size += 1
        if (size * 2 > mask) grow()
      }
      write(first, second, placeOf(answer))
    },
  }
}

/** Numbers that differ little end far from each other. */
function scatter(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 7
}
