// What a bundle says of itself.
import { z } from 'zod'
import { toJsonPath } from '../wire/json-path.ts'
import { parseJsonBytes } from '../wire/parse-json.ts'
import { refuseBundle } from './bundle-error.ts'
import { KEY_ID_PATTERN } from './bundle-key.ts'

const FORMAT_VERSION = 1
const MAX_DEPTH = 2

export const BUNDLE_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/

const instant = z.iso.datetime({ error: 'must be an RFC 3339 date and time in UTC' })
const hash = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hexadecimal digits' })
const size = z.int({ error: 'must be a whole number' }).min(0, { error: 'must not be below zero' })

const schema = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION, { error: `must be ${FORMAT_VERSION}` }),
  /** For whom it is: a service takes those of one name. */
  name: z.string().regex(BUNDLE_NAME_PATTERN, { error: 'must be a name' }),
  /** Only grows: an older bundle of the name is refused by whoever has seen a newer one. */
  serial: z.int({ error: 'must be a whole number' }).min(0, { error: 'must not be below zero' }),
  created: instant,
  /** It must not be used from then on. Left out: it does not end. */
  notAfter: instant.optional(),
  policyVersion: hash,
  /** Left out where there is no entity data. */
  dataVersion: hash.optional(),
  programBytes: size,
  dataBytes: size,
  /** The key that signs it; left out while nobody has. */
  keyId: z.string().regex(KEY_ID_PATTERN, { error: 'must be the id of a key' }).optional(),
})

export type BundleManifest = Readonly<z.infer<typeof schema>>

/** Throws `PdpServerError` `bad-bundle`. */
export function parseManifest(bytes: Uint8Array): BundleManifest {
  const parsed = parseJsonBytes(bytes, MAX_DEPTH)
  if ('fault' in parsed) throw refuseManifest(parsed.fault.path, parsed.fault.detail)
  const result = schema.safeParse(parsed.value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw refuseManifest(toJsonPath(issue?.path ?? []), issue?.message ?? 'is wrong')
}

/** One line. */
export function serializeManifest(manifest: Omit<BundleManifest, 'formatVersion'>): string {
  return JSON.stringify({ formatVersion: FORMAT_VERSION, ...manifest })
}

function refuseManifest(path: string, detail: string): Error {
  return refuseBundle(`has a manifest that is wrong: ${path} ${detail}`)
}
