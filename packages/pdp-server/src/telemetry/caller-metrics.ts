// What callers do, by name and key: a key that was stolen shows as decisions or failures that its holder does not know.
import type { Registry } from 'prom-client'
import type { DecisionRecord } from '../decide/decision-record.ts'
import type { AuthenticationFailure } from '../middleware/authenticate-caller.ts'
import type { Caller } from '../middleware/gate.ts'
import { addCounter } from './add-counter.ts'
import { LabelCounter } from './label-counter.ts'

export class CallerMetrics {
  readonly #requests: LabelCounter
  readonly #decisions: LabelCounter
  readonly #failures: LabelCounter

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
    if (caller !== undefined) this.#decisions.count([caller, keyId, answer.decision])
  }

  /** Only names and keys that there are come here: strangers cannot make up labels. */
  countFailure({ reason, callerId = '', keyId = '' }: AuthenticationFailure): void {
    this.#failures.count([callerId, keyId, reason])
  }
}
