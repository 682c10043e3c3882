// Which policies and data an exchange is answered from: said in headers, and asked for at least.
import type { StateNumbers } from '../decide/state-numbers.ts'
import { PdpServerError } from '../errors.ts'
import type { Exchange } from '../middleware/gate.ts'

/** What is known of the state behind the answers of one exchange. */
interface ToldState {
  readonly numbers: StateNumbers | undefined
  readonly isStale: boolean
}

/**
 * Names the numbers of the state in headers, and whether it may be out of date. Throws `PdpServerError`: `too-old`
 * where the request needs newer policies or data, `malformed-request` where it does not say so in a number.
 */
export function tellState(exchange: Exchange, { numbers, isStale }: ToldState): void {
  if (isStale) exchange.setHeader('Edict-Stale', 'true')
  if (numbers !== undefined) {
    exchange.setHeader('Edict-Policy-Number', String(numbers.policy))
    if (numbers.data !== undefined) exchange.setHeader('Edict-Data-Number', String(numbers.data))
  }
  requireAtLeast(exchange, 'edict-min-policy-number', numbers?.policy, 'policies')
  requireAtLeast(exchange, 'edict-min-data-number', numbers?.data, 'data')
}

function requireAtLeast({ header }: Exchange, name: string, number: number | undefined, what: string): void {
  const wanted = header(name)
  if (wanted === undefined) return
  const least = /^\d{1,16}$/.test(wanted) ? Number(wanted) : Number.NaN
  if (!Number.isSafeInteger(least)) {
    throw new PdpServerError('malformed-request', `the header ${name} must be one whole number`)
  }
  if (number !== undefined && number >= least) return
  const here = number === undefined ? 'there are none here that are counted' : `here is ${number}`
  throw new PdpServerError('too-old', `the request asks for ${what} of number ${least} at least; ${here}`)
}
