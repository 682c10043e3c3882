// The client hands the token of an end user on, and the service says who that is.
import { generateKeyPairSync, sign } from 'node:crypto'
import { createPdpClient, type PdpClient } from '@edict/pdp-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFolder, READ, type Service, serveHere, WRITE } from '../service/serve.ts'

const ISSUER = 'https://login.example.com/'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const folder = createFolder()
let service: Service
let pdp: PdpClient
beforeAll(async () => {
  const jwksFile = folder.write(
    'jwks.json',
    JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256' }] }),
  )
  const issuers = [{ issuer: ISSUER, audience: 'pdp', jwksFile, subjectIdPrefix: '' }]
  service = await serveHere(folder, '--subject-issuers', JSON.stringify(issuers))
  pdp = createPdpClient({ url: service.url, timeoutMs: 10_000 })
})
afterAll(async () => {
  await service.stop()
  folder.remove()
})

function createToken(sub: string, more: object = {}): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const text = `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode({ iss: ISSUER, aud: 'pdp', sub, iat, exp: iat + 300, ...more })}`
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

describe('a question with the token of an end user', { timeout: 60_000 }, () => {
  const { action, resource } = WRITE

  it('is about whom the token names', async () => {
    expect(await pdp.can({ token: createToken('ann') }, 'write', resource)).toBe(true)
    expect(await pdp.can({ token: createToken('eve') }, 'write', resource)).toBe(false)
    const token = createToken('ann')
    const answers = await pdp.decideMany([
      { token, action, resource },
      { token, action: READ.action, resource },
    ])
    expect(answers.map(({ decision, error }) => [decision, error])).toEqual([
      ['allow', undefined],
      ['allow', undefined],
    ])
  })

  it('is denied with a token that is altered, foreign or old, and without one', async () => {
    const [head, , signature] = createToken('eve').split('.')
    const claims = createToken('ann').split('.')[1]
    for (const token of [
      `${head}.${claims}.${signature}`,
      createToken('ann', { aud: 'other' }),
      createToken('ann', { exp: 1 }),
    ]) {
      const answer = await pdp.decide({ token, action, resource })
      expect(answer).toMatchObject({ decision: 'deny', error: { code: 'malformed-request' } })
      expect(answer.error?.message).not.toContain(token)
    }
    expect(await pdp.can({ type: 'User', id: 'ann' }, 'write', resource)).toBe(false)
  })
})
