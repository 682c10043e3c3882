// Which members of a request decisions of one kind have read so far: all that they may rest on besides its shape.

/** The objects of a request whose members a policy reads one by one. All else of a request counts whole. */
const SECTIONS = [
  '$.subject.properties',
  '$.resource.properties',
  '$.action.properties',
  '$.context',
] as const

/** Its place in `SECTIONS`. */
export type Section = 0 | 1 | 2 | 3

/** Senders that can fill `properties` alone put there what else stands beside: it is never left out. */
const ALWAYS_READ: readonly string[] = ['roles', 'parents']

export class KnownReads {
  readonly #names: readonly Set<string>[] = SECTIONS.map(() => new Set(ALWAYS_READ))
  readonly #isWhole = SECTIONS.map(() => false)
  #revision = 0

  /** Another number whenever more is known. */
  get revision(): number {
    return this.#revision
  }

  isRead(section: Section, name: string): boolean {
    return this.#isWhole[section] === true || this.#names[section]?.has(name) === true
  }

  /**
   * Adds the paths of a footprint.
   * INVARIANT: a path that stands for anything but one member of a section is taken for all of that section.
   */
  learn(paths: readonly string[]): void {
    for (const path of paths) {
      for (const [section, prefix] of SECTIONS.entries()) this.#learn(section, prefix, path)
    }
  }

  #learn(section: number, prefix: string, path: string): void {
    if (this.#isWhole[section] === true) return
    // A path above the section stands for all of it, too.
    if (path === prefix || prefix.startsWith(`${path}.`)) {
      this.#isWhole[section] = true
      this.#revision += 1
      return
    }
    if (!path.startsWith(prefix)) return
    const rest = path.slice(prefix.length)
    if (!rest.startsWith('.') && !rest.startsWith('[')) return
    const name = readStep(rest)
    const names = this.#names[section]
    if (name === undefined || names === undefined) this.#isWhole[section] = true
    else if (names.has(name)) return
    else names.add(name)
    this.#revision += 1
  }
}

const PLAIN_STEP = /^\.([A-Za-z_][A-Za-z0-9_]*)$/

/** The name in `.name` or `["na-me"]`; undefined for whatever is not just that. */
function readStep(text: string): string | undefined {
  const plain = PLAIN_STEP.exec(text)?.[1]
  if (plain !== undefined) return plain
  if (!text.startsWith('["') || !text.endsWith('"]')) return undefined
  try {
    const name: unknown = JSON.parse(text.slice(1, -1))
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}
