// Project Wycheproof's vectors for JWS and JWK (C2SP/wycheproof, testvectors_v1), where a folder with them stands
// beside this project or EDICT_WYCHEPROOF names one.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLocalJWKSet, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { TOKEN_ALGORITHMS } from './issuer-config.ts'
import { readJws } from './read-jws.ts'
import { verifySignature } from './token-verifier.ts'

const folder =
  process.env.EDICT_WYCHEPROOF ??
  join(import.meta.dirname, '../../../../../../shared/vectors/jose-wycheproof')

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws: unknown
  readonly result: 'valid' | 'invalid'
}

interface Group {
  readonly comment: string
  readonly public?: JWK | { readonly keys: readonly JWK[] }
  readonly private?: JWK | { readonly keys: readonly JWK[] }
  readonly tests: readonly Vector[]
}

async function accepts(jws: unknown, keys: readonly JWK[]): Promise<boolean> {
  if (typeof jws !== 'string') return false
  const head = readJws(jws)
  if ('fault' in head) return false
  try {
    const set = createLocalJWKSet({ keys: [...keys] })
    return (await verifySignature(jws, head.algorithm, set, TOKEN_ALGORITHMS)) === undefined
  } catch {
    return false
  }
}

/** Why a vector that is valid as a JWS is refused as a token. */
function isRefusedOnPurpose(jws: string, keys: readonly JWK[]): boolean {
  const [header = '', payload = ''] = jws.split('.')
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString())
  const isSymmetric = alg.startsWith('HS')
  const isOfOtherKey = keys.every((key) => key.alg !== undefined && key.alg !== alg)
  return isSymmetric || payload === '' || isOfOtherKey
}

interface Outcome {
  readonly count: number
  readonly wronglyAccepted: readonly string[]
  readonly wronglyRefused: readonly string[]
}

async function run(file: string): Promise<Outcome> {
  const { testGroups } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { testGroups: Group[] }
  const wronglyAccepted: string[] = []
  const wronglyRefused: string[] = []
  let count = 0
  for (const group of testGroups) {
    const set = group.public ?? group.private ?? { keys: [] }
    const keys = 'keys' in set ? (set.keys as JWK[]) : [set as JWK]
    for (const { tcId, comment, jws, result } of group.tests) {
      count++
      const isAccepted = await accepts(jws, keys)
      if (isAccepted && result === 'invalid') wronglyAccepted.push(`${tcId} ${comment}`)
      if (isAccepted || result === 'invalid' || isRefusedOnPurpose(jws as string, keys)) continue
      wronglyRefused.push(`${tcId} ${comment}`)
    }
  }
  return { count, wronglyAccepted, wronglyRefused }
}

describe.skipIf(!existsSync(folder))('verifySignature', () => {
  it('agrees with the vectors for signatures', async () => {
    expect(await run('json_web_signature_test.json')).toEqual({
      count: 401,
      wronglyAccepted: [],
      wronglyRefused: [],
    })
  })

  it('agrees with the vectors for keys', async () => {
    expect(await run('json_web_key_test.json')).toEqual({
      count: 26,
      // A key that a broken chip made (ROCA). Keys come from issuers that the deployment trusts, who must not use it.
      wronglyAccepted: ['7 rejectsKeyWithRocaVulnerability'],
      wronglyRefused: [],
    })
  })
})
