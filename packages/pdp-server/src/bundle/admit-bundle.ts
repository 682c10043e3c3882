// Bytes → a bundle that may be put to use, or why not: signature, name, end, age, content, in this order. It is a
// function of what it is given, so that a thread of its own can do it.
import { refuseBundle } from './bundle-error.ts'
import type { BundleKeys } from './bundle-key.ts'
import {
  checkTerms,
  type LoadedBundle,
  loadBundle,
  type OpenBundle,
  type VerifiedBundle,
  verifyBundle,
} from './open-bundle.ts'

/** What was taken last, of bundles of this name. */
export interface SeenBundle {
  readonly serial: number
  /** SHA-256 of its bytes. */
  readonly digest: string
  readonly notAfter: string | undefined
}

export interface AdmissionRules {
  readonly keys: BundleKeys
  /** Bundles of other names are for others. */
  readonly bundleName: string
  /** Whether its entity data counts; where it does not, it must have none. */
  readonly takesData: boolean
  /** The least that may come: what is in use, or was kept by an earlier run. */
  readonly floor: SeenBundle | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

export interface Admission {
  readonly seen: SeenBundle
  readonly keyId: string
  readonly loaded: LoadedBundle
}

/** Throws `PdpServerError` `bad-bundle`. */
export function admitBundle(bytes: Uint8Array, rules: AdmissionRules): Admission {
  const verified = verifyBundle(bytes, rules.keys)
  checkTerms(verified.manifest, rules.bundleName, rules.now)
  checkSucceeds(verified, rules.floor)
  checkData(verified, rules.takesData)
  return { seen: toSeen(verified), keyId: verified.keyId, loaded: loadBundle(verified) }
}

/** Throws `PdpServerError` `bad-bundle` for data that would be left aside unseen. */
export function checkData({ manifest }: OpenBundle, takesData: boolean): void {
  if (takesData || manifest.dataVersion === undefined) return
  throw refuseBundle('holds entity data, which comes from `entityStore` here: build it with --no-data')
}

export function toSeen({ manifest, digest }: VerifiedBundle): SeenBundle {
  return { serial: manifest.serial, digest, notAfter: manifest.notAfter }
}

/** Throws `PdpServerError` `bad-bundle` for a bundle that is older than one that was seen, or passes for it. */
function checkSucceeds({ manifest, digest }: VerifiedBundle, floor: SeenBundle | undefined): void {
  if (floor === undefined) return
  if (manifest.serial < floor.serial) {
    throw refuseBundle(
      `has serial ${manifest.serial}, and ${floor.serial} was seen before: it is an older one`,
    )
  }
  if (manifest.serial === floor.serial && digest !== floor.digest) {
    throw refuseBundle(`has serial ${floor.serial} like the one before, and is another`)
  }
}
