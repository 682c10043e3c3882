import type { Answer } from '@edict/policy-lang/program'
import type { DecisionRecord } from './decision-record.ts'

const MAX_KINDS = 5000
const MAX_NAME_LENGTH = 200
/** Most rules are for few actions on one type: to look through so many is quicker than maps. */
const MAX_LISTED = 8

/** What was made for decisions with the same reasons. */
interface Known<T> {
  readonly decision: Answer['decision']
  readonly obligations: Answer['obligations']
  readonly listed: { readonly type: string; readonly action: string; readonly made: T }[]
  /** The rest: by type of the resource, then by action. */
  readonly others: Map<string, Map<string, T>>
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
    if (known === undefined || !isSame(known, answer)) return this.#learn(record)
    const action = request.action.name
    const { type } = request.resource
    for (const one of known.listed) if (one.action === action && one.type === type) return one.made
    return known.others.get(type)?.get(action) ?? this.#learn(record)
  }

  #learn(record: DecisionRecord): T {
    const made = this.#make(record)
    const { reasons, obligations } = record.answer
    if (!Object.isFrozen(reasons) || !Object.isFrozen(obligations)) return made
    if (this.#count === MAX_KINDS) {
      this.#known.clear()
      this.#count = 0
    }
    const known = this.#known.get(reasons) ?? createKnown<T>(record.answer)
    if (!isSame(known, record.answer)) return made
    const action = record.request.action.name
    const { type } = record.request.resource
    if (action.length > MAX_NAME_LENGTH || type.length > MAX_NAME_LENGTH) return made
    this.#known.set(reasons, known)
    this.#count++
    if (known.listed.length < MAX_LISTED) known.listed.push({ type, action, made })
    else known.others.set(type, (known.others.get(type) ?? new Map<string, T>()).set(action, made))
    return made
  }
}

function createKnown<T>({ decision, obligations }: Answer): Known<T> {
  return { decision, obligations, listed: [], others: new Map() }
}

function isSame<T>({ decision, obligations }: Known<T>, answer: Answer): boolean {
  return decision === answer.decision && obligations === answer.obligations
}
