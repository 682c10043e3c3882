import { PdpServerError, type PdpServerErrorOptions } from '../errors.ts'

/**
 * A bundle that must not be used, and why. The sentence goes on after "the bundle", and anybody may read it: what it
 * holds of policies and data stands in `problems`.
 */
export function refuseBundle(detail: string, options: PdpServerErrorOptions = {}): PdpServerError {
  return new PdpServerError('bad-bundle', `the bundle ${detail}`, options)
}
