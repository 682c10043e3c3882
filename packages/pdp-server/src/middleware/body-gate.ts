import type { JsonEndpoint } from '../routes/json-endpoint.ts'
import type { JsonBody } from '../wire/read-body.ts'
import type { Exchange } from './gate.ts'

/**
 * Looks at a body before its endpoint does, and gives what the endpoint is to read instead. Throws `PdpServerError`
 * to refuse it.
 */
export type BodyGate = (body: JsonBody, exchange: Exchange) => JsonBody | Promise<JsonBody>

/** An endpoint that reads what the gates leave of a body. Waits only where a gate does. */
export function guardBody(endpoint: JsonEndpoint, gates: readonly BodyGate[]): JsonEndpoint {
  let { answer } = endpoint
  for (const gate of gates.toReversed()) answer = behind(gate, answer)
  return { ...endpoint, answer }
}

function behind(gate: BodyGate, answer: JsonEndpoint['answer']): JsonEndpoint['answer'] {
  return (body, exchange) => {
    const passed = gate(body, exchange)
    return passed instanceof Promise
      ? passed.then((known) => answer(known, exchange))
      : answer(passed, exchange)
  }
}
