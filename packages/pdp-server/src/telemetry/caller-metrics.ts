// What callers do, by name and key: a key that was stolen shows as decisions or failures that its holder does not know.
import type { Answer } from '@edict/policy-lang/program'
import type { Registry } from 'prom-client'
import type { DecisionRecord } from '../decide/decision-record.ts'
import type { AuthenticationFailure } from '../middleware/authenticate-caller.ts'
import type { Caller } from '../middleware/gate.ts'
import { addCounter } from './add-counter.ts'
import { LabelCounter, type Tally } from './label-counter.ts'

interface LastCount {
  readonly caller: string
  readonly keyId: string
  readonly tally: Tally
}

export class CallerMetrics {
  readonly #requests: LabelCounter
  readonly #decisions: LabelCounter
  readonly #failures: LabelCounter
  /** Decisions of a batch have one caller, and so have most that come one after the other. */
  readonly #last: Record<Answer['decision'], LastCount | undefined> = { allow: undefined, deny: undefined }

  constructor(registry: Registry, maxLabelSets: number) {
    const create = (name: string, help: string, lastLabel: string): LabelCounter => {
      const counter = new LabelCounter(maxLabelSets, 3)
      const read = () => counter.counts().map(({ values, count }) => [values, count] as const)
      addCounter(registry, { name, help, labelNames: ['caller', 'key', lastLabel], read })
      return counter
    }
    this.#requests = create(
      'edict_caller_requests_total',
      'Requests of callers that said who they are',
      'status',
    )
    this.#decisions = create('edict_caller_decisions_total', 'Decisions made for callers', 'decision')
    this.#failures = create(
      'edict_authentication_failures_total',
      'Requests whose caller was not let in; `caller` and `key` where the credential names one that there is',
      'reason',
    )
  }

  countRequest(caller: Caller | undefined, status: number): void {
    if (caller !== undefined) this.#requests.count([caller.id, caller.keyId ?? '', String(status)])
  }

  countDecision({ origin, answer }: DecisionRecord): void {
    const { caller, keyId = '' } = origin
    if (caller === undefined) return
    const last = this.#last[answer.decision]
    if (last !== undefined && last.caller === caller && last.keyId === keyId) {
      last.tally.count++
      return
    }
    const tally = this.#decisions.tallyOf([caller, keyId, answer.decision])
    this.#last[answer.decision] = { caller, keyId, tally }
    tally.count++
  }

  /** Only names and keys that there are come here: strangers cannot make up labels. */
  countFailure({ reason, callerId = '', keyId = '' }: AuthenticationFailure): void {
    this.#failures.count([callerId, keyId, reason])
  }
}
