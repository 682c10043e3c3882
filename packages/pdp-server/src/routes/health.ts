import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { addRoute, type RouteContext } from './route.ts'

const healthSchema = z.object({ status: z.literal('ok') }).openapi('Health')

const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    detail: z.string(),
    policyVersion: z.string().optional(),
    counts: z.record(z.string(), z.int()).optional(),
  })
  .openapi('Readiness')

/** `GET /healthz`: the process runs. `GET /readyz`: it can decide; 503 until then. */
export function addHealthRoutes(app: OpenAPIHono, { pdp }: RouteContext): void {
  addRoute(app, {
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process runs',
    response: healthSchema,
    handler: (c) => c.json({ status: 'ok' }),
  })
  addRoute(app, {
    method: 'get',
    path: '/readyz',
    summary: 'Whether it can decide; status 503 until then',
    response: readinessSchema,
    handler: (c) => {
      const state = pdp.current()
      if (state === undefined) return c.json({ status: 'not-ready', detail: 'no policy set is loaded' }, 503)
      return c.json({
        status: 'ready',
        detail: 'a policy set is loaded',
        policyVersion: state.policySet.version,
        ...(state.counts !== undefined && { counts: state.counts }),
      })
    },
  })
}
