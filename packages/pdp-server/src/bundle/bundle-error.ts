import { PdpServerError } from '../errors.ts'

/** A bundle that must not be used, and why. The sentence goes on after "the bundle". */
export function refuseBundle(detail: string, cause?: unknown): PdpServerError {
  return new PdpServerError('bad-bundle', `the bundle ${detail}`, { cause })
}
