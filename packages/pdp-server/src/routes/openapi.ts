import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { VERSION } from '../version.ts'
import { namedSchemas } from '../wire/request-schema.ts'
import { describeSubjectTokens, type SubjectTokens } from './describe-subject-tokens.ts'
import { DOCS_POLICY, renderDocs } from './docs/render-docs.ts'
import { addRoute } from './route.ts'

/**
 * `GET /openapi.json`: OpenAPI 3.1, made from the schemas that check requests when it is first asked for. `GET /docs`: the same to read.
 * Add it last.
 */
export function addOpenApiRoute(app: OpenAPIHono, subjectTokens?: SubjectTokens): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, or a JWT of a configured issuer',
  })
  for (const [name, schema] of Object.entries(namedSchemas)) app.openAPIRegistry.register(name, schema)
  let document: ReturnType<typeof createDocument> | undefined
  let page: string | undefined
  const readDocument = () => {
    document ??= describeSubjectTokens(createDocument(app), subjectTokens)
    return document
  }
  addRoute(app, {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    response: z.object({}).openapi({ additionalProperties: true }),
    handler: (c) => c.json(readDocument()),
  })
  addRoute(app, {
    method: 'get',
    path: '/docs',
    summary: 'This document as a page',
    contentType: 'text/html',
    response: z.string(),
    handler: (c) => {
      c.header('Content-Security-Policy', DOCS_POLICY)
      page ??= renderDocs(JSON.parse(JSON.stringify(readDocument())))
      return c.html(page)
    },
  })
}

function createDocument(app: OpenAPIHono) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Edict',
      version: VERSION,
      description: 'A policy decision point. A denial is always status 200; an error is never a decision.',
      license: { name: 'Apache-2.0' },
    },
    // The empty one: a service on loopback may ask nobody who it is.
    security: [{ bearer: [] }, {}],
  })
}
