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
    failure === undefined ? [] : `${sink}${codeOf(failure)}`,
  )
  if (failures.length === 0) return { name, status: 'ok', detail: 'decisions are recorded' }
  const isStopped = isRequired && outlets.some(({ isSafe }) => !isSafe)
  // No more than the code: a message of the disk names paths, and anybody may ask for readiness.
  const detail = `decisions cannot be recorded in ${failures.join(', ')}, the log says why`
  return { name, status: isStopped ? 'failing' : 'degraded', detail }
}

/** Such as ENOSPC, where the system said so. */
function codeOf(failure: string): string {
  const code = /^E[A-Z0-9]{2,15}(?=:)/.exec(failure)?.[0]
  return code === undefined ? '' : ` (${code})`
}
