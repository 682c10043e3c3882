import type { Answer } from '@edict/policy-lang/program'
import type { DecisionRecord } from './decision-record.ts'

const MAX_KINDS = 5000
const MAX_NAME_LENGTH = 200

interface Known<T> {
  readonly decision: Answer['decision']
  readonly obligations: Answer['obligations']
  /** By the type of the resource, then the name of the action. */
  readonly byType: Map<string, Map<string, T>>
}

/**
 * Keeps what is the same for all decisions of one kind: effect, reasons, obligations, action and type of resource.
 * Decisions are many, and their kinds few. INVARIANT: an answer whose reasons are frozen is frozen in depth, and what is
 * frozen stays as it is; anything made of another answer is made anew. Bounded: what is too much is forgotten, and made
 * again when it comes.
 */
export class DecisionKinds<T extends object> {
  readonly #make: (record: DecisionRecord) => T
  readonly #known = new Map<Answer['reasons'], Known<T>>()
  #count = 0

  /** `make` must not look at anything of a record that its kind leaves open. */
  constructor(make: (record: DecisionRecord) => T) {
    this.#make = make
  }

  of(record: DecisionRecord): T {
    const { answer, request } = record
    const known = this.#known.get(answer.reasons)
    if (known !== undefined && isSame(known, answer)) {
      const made = known.byType.get(request.resource.type)?.get(request.action.name)
      if (made !== undefined) return made
    }
    return this.#learn(record)
  }

  #learn(record: DecisionRecord): T {
    const { answer, request } = record
    const { reasons, decision, obligations } = answer
    const made = this.#make(record)
    const [type, name] = [request.resource.type, request.action.name]
    if (!Object.isFrozen(reasons) || !Object.isFrozen(obligations)) return made
    if (type.length > MAX_NAME_LENGTH || name.length > MAX_NAME_LENGTH) return made
    if (this.#count === MAX_KINDS) {
      this.#known.clear()
      this.#count = 0
    }
    const known = this.#known.get(reasons) ?? { decision, obligations, byType: new Map() }
    if (!isSame(known, answer)) return made
    this.#known.set(reasons, known)
    const byName = known.byType.get(type) ?? new Map<string, T>()
    known.byType.set(type, byName.set(name, made))
    this.#count++
    return made
  }
}

function isSame<T>({ decision, obligations }: Known<T>, answer: Answer): boolean {
  return decision === answer.decision && obligations === answer.obligations
}
