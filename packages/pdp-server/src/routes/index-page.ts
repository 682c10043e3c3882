import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { addRoute } from './route.ts'

const indexSchema = z
  .object({ name: z.string(), endpoints: z.record(z.string(), z.string()) })
  .openapi('Index')

/** `GET /`: what there is, for whoever opens the address in a browser. */
export function addIndexRoute(app: OpenAPIHono): void {
  addRoute(app, {
    method: 'get',
    path: '/',
    summary: 'What there is',
    response: indexSchema,
    handler: (c) =>
      c.json({
        name: 'Edict, a policy decision point',
        endpoints: {
          'POST /decide': 'decide one question or many, with reasons',
          'POST /access/v1/evaluation': 'AuthZEN 1.0: one decision',
          'POST /access/v1/evaluations': 'AuthZEN 1.0: many decisions',
          'GET /healthz': 'whether the process runs',
          'GET /readyz': 'whether it can decide',
          'GET /openapi.json': 'all of this, in detail',
          'GET /docs': 'the same as a page',
        },
      }),
  })
}
