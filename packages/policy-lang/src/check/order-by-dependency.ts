/** What depends on what, put into an order in which every name stands after those it depends on. */
export interface DependencyOrder {
  /** Every name that lies on no cycle and reaches none, dependencies first. */
  readonly ordered: readonly string[]
  /** Cycles as found: each name depends on the next, the last on the first. Every name on one or reaching one is left out of `ordered`. */
  readonly cycles: readonly (readonly string[])[]
}

/** Depth-first with an explicit stack: chains are as long as the policy. Names without an entry are ignored. */
export function orderByDependency(dependencies: ReadonlyMap<string, readonly string[]>): DependencyOrder {
  const ordered: string[] = []
  const cycles: string[][] = []
  const state = new Map<string, 'open' | 'good' | 'bad'>()
  for (const root of dependencies.keys()) {
    if (state.has(root)) continue
    const frames = [{ name: root, next: 0, isBad: false }]
    state.set(root, 'open')
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const child = dependencies.get(frame.name)?.[frame.next++]
      if (child === undefined) {
        frames.pop()
        state.set(frame.name, frame.isBad ? 'bad' : 'good')
        if (!frame.isBad) ordered.push(frame.name)
        const parent = frames.at(-1)
        if (parent !== undefined) parent.isBad ||= frame.isBad
      } else if (!state.has(child) && dependencies.has(child)) {
        state.set(child, 'open')
        frames.push({ name: child, next: 0, isBad: false })
      } else if (state.get(child) === 'open') {
        frame.isBad = true
        cycles.push(frames.slice(frames.findIndex((open) => open.name === child)).map((open) => open.name))
      } else if (state.get(child) === 'bad') {
        frame.isBad = true
      }
    }
  }
  return { ordered, cycles }
}
