// Loaded policies and data → the bytes of a bundle, unsigned; and the same bundle, signed.
import { type PolicySet, serializeProgram } from '@edict/policy-lang/program'
import { isJsonObject } from '../wire/read-body.ts'
import { refuseBundle } from './bundle-error.ts'
import type { BundleSigner } from './bundle-key.ts'
import { joinBundle, joinPayload, splitBundle, splitPayload } from './layout.ts'
import { parseManifest, serializeManifest } from './manifest.ts'
import { sealPayload, UNSIGNED } from './seal.ts'

/** Entity data that fits the policies, and was loaded without problems. */
export interface BundleData {
  /** Each `{entities: […], assignments: […]}`. */
  readonly files: readonly unknown[]
  /** Of the store that holds it. */
  readonly version: string
}

export interface BundleContent {
  readonly policySet: PolicySet
  /** Left out: there is no entity data. */
  readonly data?: BundleData | undefined
}

export interface BundleDetails {
  readonly name: string
  readonly serial: number
  /** Epoch milliseconds, as all here. */
  readonly createdAt: number
  readonly notAfter?: number | undefined
}

/** Equal content and details give equal bytes. */
export function buildBundle({ policySet, data }: BundleContent, details: BundleDetails): Uint8Array {
  const program = Buffer.from(serializeProgram(policySet.program))
  const rows = Buffer.from(data === undefined ? '' : JSON.stringify(uniteFiles(data.files)))
  const { name, serial, createdAt, notAfter } = details
  const manifest = serializeManifest({
    name,
    serial,
    created: new Date(createdAt).toISOString(),
    ...(notAfter !== undefined && { notAfter: new Date(notAfter).toISOString() }),
    policyVersion: policySet.version,
    ...(data !== undefined && { dataVersion: data.version }),
    programBytes: program.length,
    dataBytes: rows.length,
  })
  return joinBundle(UNSIGNED, joinPayload(manifest, [program, rows]))
}

/** Throws `PdpServerError` `bad-bundle` where it is none, or is signed already. */
export function signBundle(bytes: Uint8Array, signer: BundleSigner): Uint8Array {
  const { seal, payload } = splitBundle(bytes)
  if (seal !== UNSIGNED) throw refuseBundle('is signed already: build it anew, with a greater serial')
  const { manifest, contents } = splitPayload(payload)
  const signed = serializeManifest({ ...parseManifest(manifest), keyId: signer.id })
  const signedPayload = joinPayload(signed, [contents])
  return joinBundle(sealPayload(signedPayload, signer), signedPayload)
}

/** One set of data, as the engine takes several files for. */
function uniteFiles(files: readonly unknown[]): object {
  const rowsOf = (member: string) =>
    files.flatMap((file): readonly unknown[] => {
      const rows = isJsonObject(file) ? file[member] : undefined
      return Array.isArray(rows) ? rows : []
    })
  return { entities: rowsOf('entities'), assignments: rowsOf('assignments') }
}
