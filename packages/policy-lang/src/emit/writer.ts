// Lines of JavaScript being made, with the constants that they name. Nothing of a policy's text is ever pasted into
// code: names and values go through the table of constants, property names through JSON.stringify.

/** Code under construction. */
export interface Writer {
  readonly line: (text: string) => void
  /** A fresh local name. */
  readonly local: (prefix: string) => string
  /** A local that lives as long as the function: what it holds can be used in other blocks, too. */
  readonly variable: (prefix: string) => string
  /** The name under which emitted code finds this value. Objects share one. */
  readonly constant: (value: unknown) => string
  /** Declared once at the top of the function, with what it starts as. */
  readonly slot: (key: string, initial: string) => string
  /** What is already computed wherever this line is reached. */
  readonly known: <T>(key: string) => T | undefined
  readonly remember: (key: string, value: unknown) => void
  /** Writes lines that may not be reached: what they compute is not known after them. */
  readonly nested: (write: () => void) => void
  /** A place to come back to where what follows turns out to have no code. */
  readonly mark: () => Mark
  readonly rewind: (mark: Mark) => void
  readonly finish: () => { readonly body: string; readonly constants: readonly unknown[] }
}

interface Mark {
  readonly lines: number
  readonly layers: readonly ReadonlyMap<string, unknown>[]
}

/** @param constantJs how code reads a constant by its place */
export function createWriter(constantJs: (place: number) => string): Writer {
  const lines: string[] = []
  const slots = new Map<string, { readonly name: string; readonly initial: string }>()
  const variables: string[] = []
  const constants: unknown[] = []
  const byValue = new Map<unknown, string>()
  let layers: Map<string, unknown>[] = [new Map()]
  let count = 0
  const local = (prefix: string): string => {
    count += 1
    return `${prefix}${count}`
  }
  return {
    line: (text) => {
      lines.push(text)
    },
    local,
    variable(prefix) {
      const name = local(prefix)
      variables.push(name)
      return name
    },
    constant(value) {
      // Only what is the same by kind, not by chance: else plans that say alike would be of different texts.
      const isShared = typeof value === 'object' || typeof value === 'function'
      const known = isShared ? byValue.get(value) : undefined
      if (known !== undefined) return known
      const name = constantJs(constants.length)
      constants.push(value)
      byValue.set(value, name)
      return name
    },
    slot(key, initial) {
      const known = slots.get(key)
      if (known !== undefined) return known.name
      const name = local('s')
      slots.set(key, { name, initial })
      return name
    },
    known: <T>(key: string) => {
      for (const layer of layers) if (layer.has(key)) return layer.get(key) as T
      return undefined
    },
    remember(key, value) {
      layers.at(-1)?.set(key, value)
    },
    nested(write) {
      const before = layers
      layers = [...layers, new Map()]
      write()
      layers = before
    },
    mark: () => ({ lines: lines.length, layers: layers.map((layer) => new Map(layer)) }),
    rewind(mark) {
      lines.length = mark.lines
      layers = mark.layers.map((layer) => new Map(layer))
    },
    finish() {
      const declared = [...slots.values()].map(({ name, initial }) => `let ${name} = ${initial};`)
      if (variables.length > 0) declared.push(`let ${variables.join(', ')};`)
      return { body: [...declared, ...lines].join('\n'), constants }
    },
  }
}
