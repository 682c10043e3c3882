// Tokens that are refused although all else about them is right: single ones by issuer and `jti`, and all that were
// issued to a subject before an instant. Kept in a file, so that a restart forgets none.
import { z } from 'zod'
import { PdpServerError } from '../../errors.ts'
import { type Log, NO_LOG } from '../../telemetry/log.ts'
import type { ReadinessCheck, ReadinessProbe } from '../../telemetry/readiness.ts'
import type { TokenClaims } from './check-claims.ts'
import { type FollowedLinesOptions, followLines, followLink } from './line-follower.ts'
import { openRevocationLog, type RevocationLogHealth } from './revocation-log.ts'
import type { IsRevoked } from './token-verifier.ts'
import { createLineParser } from './value-lines.ts'

const MAX_TEXT = 1024
const MAX_ENTRIES = 1_000_000

const name = z
  .string({ error: 'must be a text' })
  .min(1, { error: 'must not be empty' })
  .max(MAX_TEXT, { error: `must be at most ${MAX_TEXT} characters` })
const seconds = z
  .number({ error: 'must be epoch seconds' })
  .min(0, { error: 'must be epoch seconds' })
  .max(253_402_300_799, { error: 'must be epoch seconds, not milliseconds' })

/** One token: by the `jti` that its issuer gave it, never by its text, of which there can be several. */
const tokenSchema = z.strictObject({
  issuer: name,
  jti: name,
  /** When the token expires by itself, so that the entry can go. Left out: it stays. */
  expiresAt: seconds.optional(),
})

/** All tokens of a subject that were issued before an instant. */
const subjectSchema = z.strictObject({ issuer: name, subject: name, issuedBefore: seconds })

export const revocationSchema = z.union([tokenSchema, subjectSchema], {
  error: 'must be {"issuer", "jti", "expiresAt"?} or {"issuer", "subject", "issuedBefore"}',
})
export type Revocation = Readonly<z.infer<typeof revocationSchema>>

export interface Revocations {
  readonly isRevoked: IsRevoked
  /** Whether what others revoke is heard of, for readiness. Undefined: nothing is kept in a file here. */
  readonly check: ReadinessProbe | undefined
  /** They count at once, and are on disk once it ends, where there is a file. Rejects with `PdpServerError`. */
  readonly add: (revocations: readonly Revocation[]) => Promise<void>
  /** The same for what is safe elsewhere. */
  readonly take: (revocations: readonly Revocation[]) => void
  /** Reads what others have added to the file. */
  readonly follow: () => void
  readonly list: () => readonly Revocation[]
  readonly count: () => number
}

export interface RevocationsOptions {
  /** Undefined: in memory alone. */
  readonly path: string | undefined
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Told of all that come to count, by whomever. Default: nobody. */
  readonly onTaken?: (revocations: readonly Revocation[]) => void
  /** Default: that of the log. */
  readonly compactFromBytes?: number | undefined
  /** Milliseconds that only grow. Default: those of the process. */
  readonly ticks?: (() => number) | undefined
}

/** Throws `PdpServerError` `unreadable-files` where the file is there and cannot be used. */
export function createRevocations(options: RevocationsOptions): Revocations {
  const { path, log, now, onTaken, compactFromBytes, ticks = () => performance.now() } = options
  const start = { now: now(), ticks: ticks() }
  // The lower of the two: a clock that jumps ahead for a while must make nobody forget what is still needed.
  const nowSeconds = (): number => Math.min(now(), start.now + ticks() - start.ticks) / 1000
  const entries = new Map<string, Revocation>()
  const take = (revocations: readonly Revocation[]): void => {
    for (const revocation of revocations) put(entries, revocation)
    if (revocations.length > 0) onTaken?.(revocations)
  }
  const keep = (revocations: readonly Revocation[]) => keepNeeded(revocations, nowSeconds())
  const file =
    path === undefined
      ? undefined
      : openRevocationLog({ path, schema: revocationSchema, log, keep, compactFromBytes, ticks })
  take(file?.readNew() ?? [])
  dropOver(entries, nowSeconds())
  // Another process of this service, or another instance beside it, may have added some.
  const follow = () => take(file?.readNew() ?? [])
  return {
    isRevoked: (claims) => {
      follow()
      if (isRevoked(entries, claims)) return true
      return file?.health().isOutage === true ? 'unknown' : false
    },
    check:
      file &&
      (() => {
        follow()
        return describeHealth(file.health())
      }),
    take,
    follow,
    list: () => [...entries.values()],
    count: () => entries.size,
    add: async (revocations) => {
      dropOver(entries, nowSeconds())
      // A service that began with a clock of long ago would keep all for ever.
      if (entries.size + revocations.length > MAX_ENTRIES) dropOver(entries, now() / 1000)
      if (entries.size + revocations.length > MAX_ENTRIES) {
        throw new PdpServerError('malformed-request', `at most ${MAX_ENTRIES} revocations are kept`)
      }
      // Before they are on disk: a disk that hangs or is full lets no revoked token in. Nothing is promised until then.
      take(revocations)
      await file?.append(revocations)
    },
  }
}

/**
 * Revocations that another process of this service keeps in a file, and tells of. What is added to the file counts here
 * as soon as that process could tell, or it may hang; where it cannot be read, none can be heard of from there.
 */
export function watchRevocations(
  revocations: Revocations,
  { path, log, ticks }: FollowedLinesOptions,
): Revocations {
  const lines = followLines({ path: followLink(path), log, ticks })
  // The other process says what is wrong with its lines.
  const { parse, strangeCount } = createLineParser({ path, schema: revocationSchema, log: NO_LOG })
  const readHealth = (): RevocationLogHealth => {
    const added = lines.look(parse)?.values ?? []
    if (added.length > 0) revocations.take(added)
    return { ...lines.health(), strangeCount: strangeCount() }
  }
  return {
    ...revocations,
    isRevoked: (claims) => {
      const { isOutage } = readHealth()
      return revocations.isRevoked(claims) || (isOutage ? 'unknown' : false)
    },
    check: () => describeHealth(readHealth()),
  }
}

function describeHealth({ problem, isOutage, strangeCount }: RevocationLogHealth): ReadinessCheck {
  const name = 'revocations'
  if (problem !== undefined) {
    // Why, the log says: anybody may ask for readiness, and the reason names the path.
    const detail = 'the file of revocations cannot be read, the log says why'
    return { name, status: isOutage ? 'failing' : 'degraded', detail }
  }
  if (strangeCount === 0) return { name, status: 'ok', detail: 'the file of revocations is read' }
  const detail = `lines of the file of revocations that are none, and are left out: ${strangeCount}`
  return { name, status: 'degraded', detail }
}

function isRevoked(entries: ReadonlyMap<string, Revocation>, { iss, sub, jti, iat }: TokenClaims): boolean {
  if (jti !== undefined && entries.has(keyOf('jti', iss, jti))) return true
  const ofSubject = entries.get(keyOf('sub', iss, sub))
  if (ofSubject === undefined || !('issuedBefore' in ofSubject)) return false
  // A token that does not say when it was issued may be of before.
  return iat === undefined || iat < ofSubject.issuedBefore
}

function put(entries: Map<string, Revocation>, revocation: Revocation): void {
  if ('jti' in revocation) {
    const key = keyOf('jti', revocation.issuer, revocation.jti)
    const known = entries.get(key)
    // The one that stays longer: two may say different ends of one token.
    if (known === undefined || isLater(revocation, known)) entries.set(key, revocation)
    return
  }
  const key = keyOf('sub', revocation.issuer, revocation.subject)
  const known = entries.get(key)
  // The later instant covers the earlier one: nothing that was revoked counts again.
  if (known !== undefined && 'issuedBefore' in known && known.issuedBefore > revocation.issuedBefore) return
  entries.set(key, revocation)
}

function isLater(one: Revocation, other: Revocation): boolean {
  const endOf = (revocation: Revocation) =>
    ('jti' in revocation ? revocation.expiresAt : undefined) ?? Number.POSITIVE_INFINITY
  return endOf(one) > endOf(other)
}

/**
 * Entries stay for so long after their token expired: a day for clocks that are ahead when the service starts, and the
 * most clock tolerance that there is.
 */
const KEEP_SECONDS = 86_400 + 300

function dropOver(entries: Map<string, Revocation>, nowSeconds: number): void {
  for (const [key, revocation] of entries) {
    const expiresAt = 'jti' in revocation ? revocation.expiresAt : undefined
    if (expiresAt !== undefined && expiresAt + KEEP_SECONDS < nowSeconds) entries.delete(key)
  }
}

/** Each once, without those whose token expired long ago. */
function keepNeeded(revocations: readonly Revocation[], nowSeconds: number): readonly Revocation[] {
  const entries = new Map<string, Revocation>()
  for (const revocation of revocations) put(entries, revocation)
  dropOver(entries, nowSeconds)
  return [...entries.values()]
}

/** No two revocations share a key: the length tells where the issuer ends. */
function keyOf(kind: 'jti' | 'sub', issuer: string, id: string): string {
  return `${kind} ${issuer.length} ${issuer} ${id}`
}
