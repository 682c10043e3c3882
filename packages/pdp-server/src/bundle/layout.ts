// How the bytes of a bundle lie: a first line that says what it is, a line with the seal, then all that is signed.
// What is cut here is cut by position alone. Nothing is parsed, and nothing is believed.
import { refuseBundle } from './bundle-error.ts'

/** The format, and its version: what a later one means, nobody here knows. */
const FIRST_LINE = 'edict-bundle/1\n'
const FIRST_BYTES = Buffer.from(FIRST_LINE)
const NEWLINE = 0x0a
/** More than any seal is long: what is read before a signature is checked must be little. */
const MAX_SEAL_BYTES = 1024
/** The manifest is the first line of what is signed. */
const MAX_MANIFEST_BYTES = 16 * 1024

export interface BundleParts {
  /** Who signed, and the signature; or that nobody did. */
  readonly seal: string
  /** All that is signed, to the last byte of the file. */
  readonly payload: Uint8Array
}

export interface PayloadParts {
  readonly manifest: Uint8Array
  /** All after the manifest. */
  readonly contents: Uint8Array
}

/** Throws `PdpServerError` `bad-bundle`. */
export function splitBundle(bytes: Uint8Array): BundleParts {
  const start = FIRST_BYTES.length
  if (!FIRST_BYTES.equals(bytes.subarray(0, start))) {
    throw refuseBundle(
      isBundleOfAnotherVersion(bytes)
        ? 'is of a format version that this Edict does not know: bring it up to date'
        : 'is none: it does not begin as bundles do',
    )
  }
  const end = bytes.subarray(start, start + MAX_SEAL_BYTES).indexOf(NEWLINE)
  if (end < 0) throw refuseBundle('has no second line, which says who signed it')
  return {
    seal: Buffer.from(bytes.subarray(start, start + end)).toString('latin1'),
    payload: bytes.subarray(start + end + 1),
  }
}

export function joinBundle(seal: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([FIRST_BYTES, Buffer.from(`${seal}\n`, 'latin1'), payload])
}

/** Throws `PdpServerError` `bad-bundle`. */
export function splitPayload(payload: Uint8Array): PayloadParts {
  const end = payload.subarray(0, MAX_MANIFEST_BYTES).indexOf(NEWLINE)
  if (end < 0) throw refuseBundle('has no manifest')
  return { manifest: payload.subarray(0, end), contents: payload.subarray(end + 1) }
}

export function joinPayload(manifest: string, contents: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from(`${manifest}\n`), ...contents])
}

function isBundleOfAnotherVersion(bytes: Uint8Array): boolean {
  return /^edict-bundle\/\d{1,9}\n/.test(Buffer.from(bytes.subarray(0, 32)).toString('latin1'))
}
