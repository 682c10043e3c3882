import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAsk } from '../../test-support/service.ts'
import { renderDocs } from './render-docs.ts'

const ask = createAsk({ publicUrl: 'https://pdp.example.com', subjectTokens: 'optional' })

describe('GET /docs', () => {
  it('is a page that names every operation and every schema', async () => {
    const { status, headers, text } = await ask('/docs')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^text\/html/)
    const document = (await ask('/openapi.json')).json as {
      readonly paths: object
      readonly components: { readonly schemas: object }
    }
    for (const path of Object.keys(document.paths)) expect(text).toContain(`${path}</code>`)
    for (const name of Object.keys(document.components.schemas)) expect(text).toContain(`id="${name}"`)
  })

  it('has links that lead somewhere', async () => {
    const { text } = await ask('/docs')
    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    expect(links.length).toBeGreaterThan(20)
    expect(links.filter((id) => !ids.has(id))).toEqual([])
  })

  it('loads nothing, runs nothing, and allows its own style alone', async () => {
    const { headers, text } = await ask('/docs')
    expect(text).not.toMatch(/<script|<img|<link|<iframe| on\w+=|style="|src=|https?:/i)
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('shows text of a document as text', () => {
    const evil = '<script>alert("1")</script>'
    const page = renderDocs({
      info: { title: evil, version: evil, description: evil },
      paths: {
        [`/${evil}`]: {
          post: {
            summary: evil,
            description: evil,
            requestBody: { content: { 'application/json': { schema: { type: 'object', example: evil } } } },
            responses: { [evil]: { description: evil } },
          },
        },
      },
      components: {
        schemas: {
          [evil]: {
            description: evil,
            type: 'object',
            properties: { [evil]: { enum: [evil], description: evil } },
          },
          Other: { $ref: `#/components/schemas/${evil}` },
        },
      },
    })
    expect(page).not.toContain('<script')
    expect(page).toContain('&#60;script&#62;alert(&#34;1&#34;)')
  })
})

describe('the document of a service that takes tokens of end users', () => {
  const read = async (subjectTokens?: 'required' | 'optional') => {
    const { json } = await createAsk({ subjectTokens })('/openapi.json')
    const { paths } = json as {
      readonly paths: Record<
        string,
        { post?: { requestBody: { content: Record<string, { schema: { anyOf: readonly object[] } }> } } }
      >
    }
    return (path: string) => paths[path]?.post?.requestBody.content['application/json']?.schema
  }

  it('asks for a token, and for no subject, where nobody else may say it', async () => {
    const schemaOf = await read('required')
    const decide = schemaOf('/decide')?.anyOf ?? []
    expect(decide).toMatchObject([
      { required: ['token', 'action', 'resource'], properties: { token: { type: 'string' } } },
      {
        required: ['token', 'requests'],
        properties: { requests: { items: { required: ['action', 'resource'] } } },
      },
    ])
    expect(JSON.stringify(decide)).not.toContain('"subject":')
    expect(schemaOf('/access/v1/evaluation')?.anyOf).toMatchObject([
      { required: ['token', 'action', 'resource'] },
    ])
    expect(JSON.stringify(schemaOf('/access/v1/evaluations'))).not.toContain('"subject":')
  })

  it('leaves the choice where callers may say it', async () => {
    const schemaOf = await read('optional')
    expect(schemaOf('/access/v1/evaluation')?.anyOf).toMatchObject([
      { required: ['token', 'action', 'resource'] },
      { $ref: '#/components/schemas/EvaluationRequest' },
    ])
  })

  it('knows of none elsewhere', async () => {
    expect(JSON.stringify((await read())('/decide'))).not.toContain('token')
  })
})
