import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { PdpServerError } from '../../errors.ts'
import type { Exchange } from '../../middleware/gate.ts'
import { toBatch, toBatchItem, toEvaluation } from '../../wire/authzen.ts'
import { isJsonObject, type JsonBody } from '../../wire/read-body.ts'
import { toDecideQuestion } from '../../wire/request-schema.ts'
import { createSubjectTokenGate, type SubjectIssuer } from './subjects.ts'

const issuer = { issuer: 'https://issuer.example', subjectType: 'User' } as SubjectIssuer
const claims = { iss: issuer.issuer, sub: 'eve', exp: 1, scope: 'read' }
const SUBJECT = { type: 'User', id: 'https://issuer.example|eve' }
const TOKEN = { scopes: ['read'] }

const gate = createSubjectTokenGate({
  verify: (token) => (token === 'good' ? { claims, issuer } : { fault: 'the token is bad' }),
  trustCallerClaims: false,
})

/** Claims as a dishonest caller would write them, nothing, and what is of the wrong kind. */
const subject = fc.constantFrom(undefined, null, 7, { type: 'User', id: 'root' }, SUBJECT)
const context = fc.constantFrom<unknown>(
  undefined,
  null,
  'x',
  [],
  {},
  { token: null },
  { token: { scopes: ['admin'] } },
  { x: 1 },
  JSON.parse('{"__proto__": {"token": {"scopes": ["admin"]}}}'),
)
const rest = fc.constant({ action: { name: 'read' }, resource: { type: 'Doc', id: 'd1' } })
const question = fc
  .tuple(rest, fc.record({ subject, context }, { requiredKeys: [] }))
  .map(([one, other]) => ({ ...one, ...other }))
const item = fc.oneof({ weight: 4, arbitrary: question }, fc.constantFrom(null, 7, 'x', [], {}))
const token = fc.constantFrom<unknown>('good', 'good', 'good', 'bad', null, 7, undefined)
const body = fc
  .tuple(
    question,
    fc.record({ token, requests: fc.array(item), evaluations: fc.array(item) }, { requiredKeys: ['token'] }),
  )
  .map(([one, other]): JsonBody => JSON.parse(JSON.stringify({ ...one, ...other })))

/** All questions that an endpoint would put to the engine, by its own reading of the body. */
function readQuestions(path: string, body: JsonBody): readonly JsonBody[] {
  const questions: unknown[] = []
  const attempt = (read: () => unknown): void => {
    try {
      questions.push(read())
    } catch (error) {
      if (!(error instanceof PdpServerError)) throw error
    }
  }
  if (path === '/decide') {
    const { requests } = body
    if (!Array.isArray(requests)) attempt(() => toDecideQuestion(body).request)
    else for (const one of requests) if (isJsonObject(one)) attempt(() => toDecideQuestion(one).request)
  } else if (path === '/access/v1/evaluation') attempt(() => toEvaluation(body))
  else {
    const { items } = toBatch(body, 1000)
    if (items.length === 0) attempt(() => toEvaluation(body))
    for (const [index, one] of items.entries()) attempt(() => toBatchItem(body, one, index))
  }
  return questions as readonly JsonBody[]
}

describe('createSubjectTokenGate', () => {
  for (const path of ['/decide', '/access/v1/evaluation', '/access/v1/evaluations']) {
    test.prop([body])(`lets no question of ${path} through but with what the token says`, (sent) => {
      let passed: JsonBody
      try {
        passed = gate(sent, { path } as Exchange) as JsonBody
      } catch (error) {
        expect(error).toMatchObject({ code: 'malformed-request' })
        return
      }
      expect(sent.token).toBe('good')
      expect(JSON.stringify(passed)).not.toContain('good')
      for (const { subject, context } of readQuestions(path, passed)) {
        expect([subject, (context as JsonBody).token]).toEqual([SUBJECT, TOKEN])
      }
    })
  }
})

describe('what a token said of the subject', () => {
  const message = async (check: (() => void | Promise<void>) | undefined) => {
    try {
      await check?.()
      return undefined
    } catch (error) {
      return error instanceof PdpServerError ? [error.code, error.problems[0]?.detail] : error
    }
  }

  it.each([
    [{ fault: 'the token is revoked' }, ['malformed-request', 'cannot be accepted: the token is revoked']],
    [{ fault: 'nobody can tell', isOutage: true as const }, ['token-not-checked', undefined]],
  ])('can be asked for again later: %j', async (fault, expected) => {
    let outcome: ReturnType<Parameters<typeof createSubjectTokenGate>[0]['verify']> = { claims, issuer }
    const again = createSubjectTokenGate({ verify: () => outcome, trustCallerClaims: false })
    const exchange = { path: '/decide' } as Exchange
    await again({ token: 'good', action: { name: 'read' } }, exchange)
    expect(await message(exchange.checkFacts)).toBeUndefined()
    for (const later of [fault, Promise.resolve(fault)]) {
      outcome = later
      expect(await message(exchange.checkFacts)).toEqual(expected)
    }
  })
})
