// Parts of the service that may not be able to do their work, for `/readyz`.
import type { DecisionLogStatus } from '../decision-log/decision-log.ts'

export interface ReadinessCheck {
  readonly name: string
  /** `degraded`: decisions are still given. `failing`: they are not. */
  readonly status: 'ok' | 'degraded' | 'failing'
  readonly detail: string
}

/** Asked each time; must be quick. */
export type ReadinessProbe = () => ReadinessCheck

export function checkDecisionLog({ isRequired, outlets }: DecisionLogStatus): ReadinessCheck {
  const name = 'decisionLog'
  const failures = outlets.flatMap(({ name: sink, failure }) =>
    failure === undefined ? [] : `${sink}: ${failure}`,
  )
  if (failures.length === 0) return { name, status: 'ok', detail: 'decisions are recorded' }
  const isStopped = isRequired && outlets.some(({ isSafe }) => !isSafe)
  return { name, status: isStopped ? 'failing' : 'degraded', detail: failures.join('; ') }
}
