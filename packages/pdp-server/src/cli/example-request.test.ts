import { expect, it, suite } from 'vitest'
import type { Config } from '../config.ts'
import { type AskingConfig, describeRequest } from './example-request.ts'

const question = {
  subject: { type: 'User', id: "o'neill" },
  action: { name: 'read' },
  resource: { type: 'Doc', id: 'd1' },
}
const issuers = [{ issuer: 'https://login.example.com/' }] as unknown as Config['callerIssuers']
const people = issuers as unknown as Config['subjectIssuers']
const certificates = [{ name: 'billing' }] as unknown as Config['certificateCallers']

const describe = (config: Partial<AskingConfig>) =>
  describeRequest('http://h:1', question, {
    trustCallerClaims: false,
    tlsClientCertificate: 'required',
    ...config,
  } as AskingConfig)

const JSON_TYPE = "-H 'content-type: application/json'"
const BODY = `-d '{"subject":{"type":"User","id":"o'\\''neill"},"action":{"name":"read"},"resource":{"type":"Doc","id":"d1"}}'`
const asks = (flags: string, body = BODY) => `Ask:\n  curl -s http://h:1/decide ${flags}${JSON_TYPE} ${body}`

suite('describeRequest', () => {
  it.each<readonly [string, Partial<AskingConfig>, string]>([
    ['nothing', {}, ''],
    ['a key', { keyFile: 'k' }, '-H "authorization: Bearer $API_KEY" '],
    [
      'a key, where others may sign',
      { keyFile: 'k', signatureKeys: 's' },
      '-H "authorization: Bearer $API_KEY" ',
    ],
    ['a token', { callerIssuers: issuers }, '-H "authorization: Bearer $CALLER_TOKEN" '],
    [
      'a certificate',
      { certificateCallers: certificates, tlsClientCaFile: 'ca', tlsClientCertificate: 'optional' },
      '--cert "$CLIENT_CERT" --key "$CLIENT_KEY" ',
    ],
    [
      'both, where each connection wants a certificate',
      { keyFile: 'k', tlsClientCaFile: 'ca' },
      '-H "authorization: Bearer $API_KEY" --cert "$CLIENT_CERT" --key "$CLIENT_KEY" ',
    ],
    [
      'a key alone, where a certificate may be left out',
      { keyFile: 'k', tlsClientCaFile: 'ca', tlsClientCertificate: 'optional' },
      '-H "authorization: Bearer $API_KEY" ',
    ],
  ])('sends %s where that is what callers have', (_, config, flags) => {
    expect(describe(config)).toBe(asks(flags))
  })

  it('brings the token of an end user where the subject comes from that alone', () => {
    const body = `-d '{"token":"'"$USER_TOKEN"'","action":{"name":"read"},"resource":{"type":"Doc","id":"d1"}}'`
    expect(describe({ subjectIssuers: people })).toBe(asks('', body))
    expect(describe({ subjectIssuers: people, trustCallerClaims: true })).toBe(asks(''))
  })

  it('says that requests must be signed where nothing else is answered', () => {
    expect(describe({ signatureKeys: 's' })).toBe(
      `Ask with requests that are signed (RFC 9421), such as\n  POST http://h:1/decide\n  ${JSON.stringify(question)}`,
    )
  })
})
