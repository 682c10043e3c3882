// Answers that were given, for questions that come again. It must never know of HTTP or configuration.
import type { Answer, EntityStore, PolicySet } from '@edict/policy-lang/program'
import { LRUCache } from 'lru-cache'
import { serializeAnswer } from '../wire/serialize-answer.ts'
import type { KnownReads } from './known-reads.ts'

/**
 * - `hit`: answered from here.
 * - `stale`: there was an answer, and its time was over, or the clock went back before it.
 * - `bypass`: the request is none that a key is made of.
 */
export const LOOKUP_OUTCOMES = ['hit', 'miss', 'stale', 'bypass'] as const
export type LookupOutcome = (typeof LOOKUP_OUTCOMES)[number]

export interface DecisionCacheStatus {
  readonly entries: number
  readonly bytes: number
  readonly lookups: Readonly<Record<LookupOutcome, number>>
  /** Answers that had to go for others, or because policies or data are others now. */
  readonly dropped: { readonly full: number; readonly reloaded: number }
}

/** What the answers that are kept rest on, and what is known of decisions over it. */
export interface CacheView {
  readonly number: number
  /** By kind of question; as many as the policy set has, since unknown types and actions make none. */
  readonly reads: Map<string, KnownReads>
}

interface Entry {
  readonly answer: Answer
  /** It holds from the instant that it was decided at to this one (epoch milliseconds), which is not part of it. */
  readonly since: number
  readonly until: number
}

interface State {
  readonly policySet: PolicySet
  readonly entities: EntityStore | undefined
  readonly dataVersion: string | undefined
  readonly view: CacheView
}

/** An entry besides its texts: the objects of the answer, and the places in the lists of the cache. */
const ENTRY_BYTES = 600
/** The objects of an answer and its text take some times what its text is long. */
const BYTES_OF_ANSWER_UNIT = 8

/**
 * Keeps answers of one state of policies and data at a time; those of another go as soon as it is asked for.
 * INVARIANT: an answer that is found is the one that would be decided now.
 */
export class DecisionCache {
  readonly #entries: LRUCache<string, Entry>
  readonly #lookups = { hit: 0, miss: 0, stale: 0, bypass: 0 }
  readonly #dropped = { full: 0, reloaded: 0 }
  #latest: State | undefined
  #count = 0

  /** @param maxBytes more than 0 */
  constructor(maxBytes: number) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.#dropped.full += 1
      },
    })
  }

  /** The view of a state. Decisions that are under way may still ask for one that is over: it shares no answer. */
  viewOf(policySet: PolicySet, entities: EntityStore | undefined): CacheView {
    const latest = this.#latest
    const dataVersion = entities?.version
    const isSamePolicy = latest?.policySet === policySet
    if (isSamePolicy && latest.entities === entities && latest.dataVersion === dataVersion) return latest.view
    this.#dropped.reloaded += this.#entries.size
    this.#entries.clear()
    this.#count += 1
    // What decisions read, the policies alone say; to know it of more than are asked about does no harm.
    const reads = isSamePolicy ? latest.view.reads : new Map<string, KnownReads>()
    const view = { number: this.#count, reads }
    this.#latest = { policySet, entities, dataVersion, view }
    return view
  }

  /** The answer that holds at an instant. Counts a hit or a stale one; a miss is for who decides to count. */
  find(key: string, now: number): Answer | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      this.#lookups.miss += 1
      return undefined
    }
    if (now >= entry.since && now < entry.until) {
      this.#lookups.hit += 1
      return entry.answer
    }
    this.#lookups.stale += 1
    this.#entries.delete(key)
    return undefined
  }

  count(outcome: 'miss' | 'bypass'): void {
    this.#lookups[outcome] += 1
  }

  /** Keeps a copy, so that nothing of a request is held on to, or changes what is kept. */
  keep(key: string, answer: Answer, now: number): void {
    const { cacheable } = answer
    if (cacheable === false) return
    const until = cacheable.until === null ? Number.POSITIVE_INFINITY : Date.parse(cacheable.until)
    if (!(until > now)) return
    const text = serializeAnswer(answer)
    const kept = Object.isFrozen(answer) ? answer : freezeDeeply(JSON.parse(text) as Answer)
    const size = key.length * 2 + text.length * BYTES_OF_ANSWER_UNIT + ENTRY_BYTES
    this.#entries.set(key, { answer: kept, since: now, until }, { size })
  }

  status(): DecisionCacheStatus {
    const { size, calculatedSize } = this.#entries
    return {
      entries: size,
      bytes: calculatedSize,
      lookups: { ...this.#lookups },
      dropped: { ...this.#dropped },
    }
  }
}

function freezeDeeply<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freezeDeeply(member)
  }
  return Object.freeze(value)
}
