// What all workers count, remember and know of callers, in the first process.
import { createKeyUseRecorder, defaultKeyUseFile } from '../authentication/key-use.ts'
import { createNonces } from '../authentication/signatures/nonces.ts'
import { signatureWindowMs } from '../authentication/signatures/signed-callers.ts'
import { createRevocations, type Revocation, type Revocations } from '../authentication/tokens/revocations.ts'
import type { Config } from '../config.ts'
import type { Log } from '../telemetry/log.ts'
import type { Wire } from './wire.ts'
import { createGuardHub } from './worker-guards.ts'

/** Others that share the file of revocations are followed so often. */
const FOLLOW_REVOCATIONS_MS = 50

type TellAll = (revocations: readonly Revocation[]) => Promise<void>

export interface FleetGuards {
  readonly placeSalt: Uint8Array
  readonly revocations: Revocations
  /** Tells all workers of each revocation from now on. */
  readonly connect: (tellAll: TellAll) => void
  readonly serve: (wire: Wire) => void
  readonly stop: () => void
}

/** Throws `PdpServerError` where a file that it needs cannot be used. */
export function createFleetGuards(config: Config, log: Log): FleetGuards {
  const { keyFile, keyUseFile, authFailuresPerMinute, callerRequestsPerSecond } = config
  const hasTokens = config.callerIssuers !== undefined || config.subjectIssuers !== undefined
  let tellAll: TellAll = () => Promise.resolve()
  /** Of what was taken last. */
  let told: Promise<void> = Promise.resolve()
  const revocations = createRevocations({
    path: hasTokens ? config.revocationFile : undefined,
    log,
    now: Date.now,
    onTaken: (list) => {
      told = tellAll(list)
    },
  })
  const keyUse =
    keyFile === undefined ? undefined : createKeyUseRecorder(keyUseFile ?? defaultKeyUseFile(keyFile), log)
  const hub = createGuardHub({
    limits: {
      failuresOfAddress: authFailuresPerMinute,
      failuresOfKey: authFailuresPerMinute,
      requests: callerRequestsPerSecond,
    },
    nonces: createNonces(signatureWindowMs(config.signatureMaxAgeSeconds)),
    keyUse,
    revoke: async (list) => {
      await revocations.add(list)
      await told
    },
  })
  const timer = setInterval(() => revocations.follow(), FOLLOW_REVOCATIONS_MS)
  timer.unref()
  return {
    placeSalt: hub.placeSalt,
    revocations,
    connect: (given) => {
      tellAll = given
    },
    serve: hub.serve,
    stop: () => {
      clearInterval(timer)
      keyUse?.stop()
    },
  }
}
