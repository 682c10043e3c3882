// One exchange as each server wants to be asked it, and the decisions that its answer holds.
import type { Exchange, Question } from './workload.ts'

export interface Dialect {
  readonly path: string
  readonly toBody: (exchange: Exchange) => unknown
  /** Whether each question is allowed, in order. */
  readonly toDecisions: (answer: never, exchange: Exchange) => readonly boolean[]
}

/** `POST /decide`: a single question, or `requests`. */
export const EDICT: Dialect = {
  path: '/decide',
  toBody: (exchange) => single(exchange) ?? { requests: exchange.map(toQuestion) },
  toDecisions: (answer: { decision?: string; answers?: { decision: string }[] }) =>
    (answer.answers ?? [answer]).map(({ decision }) => decision === 'allow'),
}

/** AuthZEN 1.0 §6. */
export const AUTHZEN_SINGLE: Dialect = {
  path: '/access/v1/evaluation',
  toBody: (exchange) => single(exchange),
  toDecisions: (answer: { decision: boolean }) => [answer.decision],
}

/** AuthZEN 1.0 §7, with the subject said once, as batches are meant to be sent. */
export const AUTHZEN_BATCH: Dialect = {
  path: '/access/v1/evaluations',
  toBody: (exchange) => ({
    subject: exchange.map(toQuestion)[0]?.subject,
    evaluations: exchange.map(toQuestion).map(({ action, resource }) => ({ action, resource })),
  }),
  toDecisions: (answer: { evaluations: { decision: boolean }[] }) =>
    answer.evaluations.map(({ decision }) => decision),
}

/** `CheckResources` over HTTP. */
export const CERBOS: Dialect = {
  path: '/api/check/resources',
  toBody: (exchange) => {
    const user = exchange[0]?.user
    return {
      requestId: 'bench',
      principal: { id: user?.id, roles: ['user'], attr: user?.properties },
      resources: exchange.map(({ action, document }) => ({
        actions: [action],
        resource: { kind: 'Document', id: document.id, attr: document.properties },
      })),
    }
  },
  toDecisions: (answer: { results: { actions: Record<string, string> }[] }, exchange) =>
    exchange.map(({ action }, index) => answer.results[index]?.actions[action] === 'EFFECT_ALLOW'),
}

function single(exchange: Exchange): unknown {
  const [only] = exchange
  return exchange.length === 1 && only !== undefined ? toQuestion(only) : undefined
}

function toQuestion({ user, action, document }: Question) {
  return {
    subject: { type: 'User', ...user },
    action: { name: action },
    resource: { type: 'Document', ...document },
  }
}
