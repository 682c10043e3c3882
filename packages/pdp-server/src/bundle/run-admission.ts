import { PdpServerError } from '../errors.ts'
import { packState, transferable } from '../sources/pack-state.ts'
import type { AdmissionResult, AdmissionTask } from './admission-messages.ts'
import { admitBundle } from './admit-bundle.ts'

export interface AdmissionReply {
  readonly result: AdmissionResult
  /** What of it is handed over, and not copied. */
  readonly handedOver: readonly ArrayBuffer[]
}

/** The whole work of the thread that admits a bundle. */
export function runAdmission({ bytes, rules, knownData }: AdmissionTask): AdmissionReply {
  try {
    const { loaded, ...admission } = admitBundle(bytes, rules)
    const state = packState(loaded, knownData)
    const handedOver = [...transferable(state), bytes.buffer as ArrayBuffer]
    return { result: { kind: 'admitted', ...admission, state, bytes }, handedOver }
  } catch (error) {
    if (!(error instanceof PdpServerError)) throw error
    const { message, problems, isForNow } = error
    return { result: { kind: 'refused', message, problems, isForNow }, handedOver: [] }
  }
}
