import { requireScope } from './authenticate-caller.ts'
import type { BodyGate } from './body-gate.ts'

/** Explanations reveal policy: `explain` of a question, of a batch or of one of its items asks for the scope. */
export const requireExplainScope: BodyGate = (body, exchange) => {
  // Elsewhere `explain` is a member that nobody reads.
  if (exchange.path !== '/decide') return body
  const { requests } = body
  const questions = Array.isArray(requests) ? [body, ...requests] : [body]
  if (questions.some(asksToExplain)) requireScope(exchange, 'explain')
  return body
}

function asksToExplain(question: unknown): boolean {
  if (typeof question !== 'object' || question === null || !Object.hasOwn(question, 'explain')) return false
  const { explain } = question as { readonly explain: unknown }
  return explain !== undefined && explain !== null && explain !== false
}
