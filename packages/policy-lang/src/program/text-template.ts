import type { TextTemplate } from './rule-table.ts'

/** A constant in the order in which it is written, and how it would be printed. */
export interface PrintedConstant {
  readonly slot: number
  readonly text: string
}

/**
 * Finds the constants in a text. `undefined` where one of them is not there: it is written in another way, or in a
 * `let` or `fn`.
 */
export function splitText(text: string, constants: readonly PrintedConstant[]): TextTemplate | undefined {
  const found = findInOrder(text, constants) ?? findAnywhere(text, constants)
  if (found === undefined) return undefined
  const parts: (string | number)[] = []
  let end = 0
  for (const { slot, from, to } of found) {
    if (from > end) parts.push(text.slice(end, from))
    parts.push(slot)
    end = to
  }
  if (end < text.length) parts.push(text.slice(end))
  return parts
}

interface Found {
  readonly slot: number
  readonly from: number
  readonly to: number
}

function findInOrder(text: string, constants: readonly PrintedConstant[]): readonly Found[] | undefined {
  const found: Found[] = []
  let end = 0
  for (const { slot, text: printed } of constants) {
    const from = text.indexOf(printed, end)
    if (from < 0) return undefined
    end = from + printed.length
    found.push({ slot, from, to: end })
  }
  return found
}

/** `to` is sorted, and written in any order. */
function findAnywhere(text: string, constants: readonly PrintedConstant[]): readonly Found[] | undefined {
  const found: Found[] = []
  for (const { slot, text: printed } of constants) {
    let from = text.indexOf(printed)
    for (
      let taken = overlap(found, from, printed);
      taken !== undefined;
      taken = overlap(found, from, printed)
    ) {
      from = text.indexOf(printed, taken.to)
    }
    if (from < 0) return undefined
    found.push({ slot, from, to: from + printed.length })
  }
  return found.sort((a, b) => a.from - b.from)
}

function overlap(found: readonly Found[], from: number, printed: string): Found | undefined {
  if (from < 0) return undefined
  return found.find((one) => from < one.to && one.from < from + printed.length)
}

/** What `splitText` took apart. */
export function joinText(template: TextTemplate, printConstant: (slot: number) => string): string {
  return template.map((part) => (typeof part === 'string' ? part : printConstant(part))).join('')
}
