/** Numbers in a row, to be read only: a typed array as narrow as they allow. */
export type Column = ArrayLike<number>

/** Lists of numbers in a row: list `i` is `items` from `starts[i]` up to `starts[i + 1]`. */
export interface Lists {
  readonly starts: Column
  readonly items: Column
}

/** Holds whole numbers from 0 up to 2 ** 32 - 1 in as few bytes as the largest needs. */
export function toColumn(numbers: readonly number[]): Column {
  let max = 0
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index] ?? 0
    if (number > max) max = number
  }
  // Constructors, not `from`: that one iterates, ten times slower.
  if (max < 2 ** 8) return new Uint8Array(numbers)
  return max < 2 ** 16 ? new Uint16Array(numbers) : new Uint32Array(numbers)
}

export function valueAt(column: Column, index: number): number {
  const value = column[index]
  if (value === undefined) throw new RangeError(`there is no number ${index}`)
  return value
}

export function toLists(lists: readonly (readonly number[])[]): Lists {
  const starts = [0]
  const items: number[] = []
  for (const list of lists) {
    for (const item of list) items.push(item)
    starts.push(items.length)
  }
  return { starts: toColumn(starts), items: toColumn(items) }
}

/** Starts of lists of one number each. */
export function countUp(count: number): Column {
  const starts = new Uint32Array(count + 1)
  for (let index = 1; index <= count; index += 1) starts[index] = index
  return starts
}

/** One list. A view where the numbers are held in a typed array: nothing is copied. */
export function listAt({ starts, items }: Lists, index: number): Column {
  const [from, to] = [valueAt(starts, index), valueAt(starts, index + 1)]
  return ArrayBuffer.isView(items)
    ? (items as Uint32Array).subarray(from, to)
    : Array.prototype.slice.call(items, from, to)
}

/** Turns lists around: for every value below `count` the lists that hold it, ascending. */
export function invertLists({ starts, items }: Lists, count: number): Lists {
  const next = new Array<number>(count + 1).fill(0)
  for (let index = 0; index < items.length; index += 1) {
    const value = valueAt(items, index) + 1
    next[value] = (next[value] ?? 0) + 1
  }
  for (let value = 1; value <= count; value += 1) next[value] = (next[value] ?? 0) + (next[value - 1] ?? 0)
  const inverted = { starts: toColumn(next), items: new Array<number>(items.length).fill(0) }
  for (let list = 0; list + 1 < starts.length; list += 1) {
    for (let index = valueAt(starts, list); index < valueAt(starts, list + 1); index += 1) {
      const value = valueAt(items, index)
      const position = next[value] ?? 0
      inverted.items[position] = list
      next[value] = position + 1
    }
  }
  return { starts: inverted.starts, items: toColumn(inverted.items) }
}
