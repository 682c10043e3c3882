// Rules that are written alike: the same words, with another name, another type, other literals. Nearly everything
// that is asked of such a rule is asked of one sample of its pattern instead; its own tree is read when it is needed.
import type { Span } from '../diagnostics/span.ts'
import type { Clause, Duty, Effect, Name, NameList, Rule, Who } from './nodes.ts'

/** The source that samples say they stand in: no file can have this name. */
export const SAMPLE_FILE = '\u0000sample'

/** What rules that are written alike in one source share. */
export interface RulePattern {
  readonly file: string
  readonly source: string
  /** One rule of the pattern with a stand-in in each hole. It is the whole text. */
  readonly text: string
  /** In the order of the text. The first is the name of the rule. */
  readonly holes: readonly RuleHole[]
  /** Of `holes`: the only type the rule is on. Left out where it is on other types. */
  readonly typeHole?: number
  readonly sample: Rule
  /** Reads the sample once more, into nodes of its own. */
  readonly readSample: () => Rule
  /** Reads a rule of the pattern where it stands. */
  readonly readAt: (start: number) => Rule
}

export interface RepeatedRuleParts {
  readonly pattern: RulePattern
  readonly values: readonly string[]
  readonly start: number
  readonly end: number
  readonly doc: string | undefined
}

export interface RuleHole {
  /** Offset in the text of the sample. */
  readonly start: number
  /** Stands nowhere else in the text. */
  readonly standIn: string
}

/**
 * A rule of a pattern. To all who ask for its parts it is a rule like any other. There may be a hundred thousand: it
 * holds what tells it from the others, and no more.
 */
export class RepeatedRule implements Rule {
  readonly pattern: RulePattern
  /** One a hole: names, the content of strings, numbers as they are written and as they are printed. */
  readonly values: readonly string[]
  readonly start: number
  readonly end: number
  readonly doc?: string
  #whole: Rule | undefined

  constructor({ pattern, values, start, end, doc }: RepeatedRuleParts) {
    this.pattern = pattern
    this.values = values
    this.start = start
    this.end = end
    if (doc !== undefined) this.doc = doc
  }

  get kind(): 'rule' {
    return 'rule'
  }

  get span(): Span {
    return { file: this.pattern.file, start: this.start, end: this.end }
  }

  get name(): Name {
    const start = this.start + (this.pattern.holes[0]?.start ?? 0)
    const name = this.values[0] ?? ''
    return { name, span: { file: this.pattern.file, start, end: start + name.length } }
  }

  get isAfter(): boolean {
    return this.pattern.sample.isAfter
  }

  get effect(): Effect {
    return this.pattern.sample.effect
  }

  get actions(): NameList {
    return this.#tree.actions
  }

  get types(): NameList {
    return this.#tree.types
  }

  get who(): readonly Who[] {
    return this.#tree.who
  }

  get clauses(): readonly Clause[] {
    return this.#tree.clauses
  }

  get duties(): readonly Duty[] {
    return this.#tree.duties
  }

  /** What it applies to, without reading its tree: actions, and the types. */
  get scope(): { readonly actions: NameList; readonly types: NameList } {
    const { file, sample, typeHole, holes } = this.pattern
    const moved = this.start + (this.values[0]?.length ?? 0) - (holes[0]?.standIn.length ?? 0)
    const actions = moveList(sample.actions, file, moved)
    const types = moveList(sample.types, file, moved)
    if (typeHole === undefined) return { actions, types }
    const name = this.values[typeHole] ?? ''
    const span = { ...types.span, end: types.span.start + name.length }
    return { actions, types: { kind: 'names', names: [{ name, span }], span } }
  }

  get #tree(): Rule {
    this.#whole ??= this.pattern.readAt(this.start)
    return this.#whole
  }
}

function moveList(list: NameList, file: string, by: number): NameList {
  const span = moveSpan(list.span, file, by)
  if (list.kind === 'all') return { kind: 'all', span }
  const names = list.names.map((name) => ({ name: name.name, span: moveSpan(name.span, file, by) }))
  return { kind: 'names', names, span }
}

function moveSpan({ start, end }: Span, file: string, by: number): Span {
  return { file, start: start + by, end: end + by }
}

/** A text in parts: a number stands for a hole. */
export type HoleText = readonly (string | number)[]

/** Takes a text apart at its stand-ins. */
export function splitAtHoles(text: string, holes: readonly RuleHole[]): HoleText {
  let parts: HoleText = [text]
  holes.forEach(({ standIn }, index) => {
    parts = parts.flatMap(
      (part): HoleText => (typeof part === 'number' ? [part] : splitAt(part, standIn, index)),
    )
  })
  return parts
}

function splitAt(text: string, standIn: string, index: number): HoleText {
  return text.split(standIn).flatMap((piece, at): HoleText => (at === 0 ? [piece] : [index, piece]))
}

export function fillHoles(parts: HoleText, values: readonly string[]): string {
  let text = ''
  for (const part of parts) text += typeof part === 'string' ? part : (values[part] ?? '')
  return text
}
