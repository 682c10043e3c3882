import type { Answer, Explanation } from '@edict/policy-lang'
import type { z } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import { createAsk } from '../test-support/service.ts'
import type { answerSchema, explanationSchema } from '../wire/answer-schema.ts'

interface Document {
  readonly openapi: string
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, unknown>; requestBody?: unknown }>
  >
  readonly components: { readonly schemas: Record<string, unknown> }
}

const read = async (publicUrl?: string) => (await createAsk({ publicUrl })('/openapi.json')).json as Document

describe('GET /openapi.json', () => {
  it('is OpenAPI 3.1 and names every route', async () => {
    const document = await read('https://pdp.example.com')
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths).sort()).toEqual([
      '/',
      '/.well-known/authzen-configuration',
      '/access/v1/evaluation',
      '/access/v1/evaluations',
      '/access/v1/search/action',
      '/access/v1/search/resource',
      '/access/v1/search/subject',
      '/decide',
      '/docs',
      '/healthz',
      '/openapi.json',
      '/readyz',
    ])
  })

  it('says how callers say who they are', async () => {
    const document = await read()
    expect(document).toMatchObject({
      security: [{ bearer: [] }, {}],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    })
  })

  it('refers to nothing that is not there', async () => {
    const document = await read()
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(10)
    for (const [, name = ''] of references) expect(document.components.schemas).toHaveProperty(name)
  })

  it('says what is required', async () => {
    const { components, paths } = await read()
    expect(components.schemas).toMatchObject({
      EvaluationRequest: { required: ['subject', 'action', 'resource'] },
      Answer: { required: expect.arrayContaining(['decision', 'reasons', 'policyVersion']) },
      Subject: { required: ['type', 'id'], properties: { type: { type: 'string' } } },
      Problem: { required: ['title', 'status', 'detail'] },
    })
    expect(Object.keys(paths['/decide']?.post?.responses ?? {})).toEqual([
      '200',
      '400',
      '401',
      '403',
      '412',
      '413',
      '415',
      '429',
      '500',
      '503',
    ])
    expect(paths['/decide']?.post?.requestBody).toMatchObject({ required: true })
  })
})

describe('the schemas of answers', () => {
  it('have the members of the types of the engine, and take their values', () => {
    // Each line compiles only where it holds.
    const takesAnswer = (answer: Answer): Loose<z.input<typeof answerSchema>> => answer
    const takesExplanation = (answer: Explanation): Loose<z.input<typeof explanationSchema>> => answer
    const sameAnswer: Same<keyof Answer, keyof z.input<typeof answerSchema>> = true
    const sameExplanation: Same<keyof Explanation, keyof z.input<typeof explanationSchema>> = true
    expect([takesAnswer, takesExplanation, sameAnswer, sameExplanation]).toHaveLength(4)
  })
})

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** With lists that may be readonly, as those of the engine are. */
type Loose<T> = T extends readonly (infer E)[]
  ? readonly Loose<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Loose<T[K]> }
    : T
