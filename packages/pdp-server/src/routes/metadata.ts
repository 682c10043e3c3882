import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { EVALUATION_PATH } from './evaluation.ts'
import { EVALUATIONS_PATH } from './evaluations.ts'
import { addRoute, type RouteContext } from './route.ts'

const WELL_KNOWN = '/.well-known/authzen-configuration'

const metadataSchema = z
  .object({
    policy_decision_point: z.url(),
    access_evaluation_endpoint: z.url(),
    access_evaluations_endpoint: z.url(),
  })
  .openapi('Metadata')

/**
 * AuthZEN 1.0 §9: where the endpoints are. Only with a configured address: one made from the Host header would be
 * the sender's word.
 */
export function addMetadataRoute(app: OpenAPIHono, { publicUrl }: RouteContext): void {
  if (publicUrl === undefined) return
  const { pathname } = new URL(publicUrl)
  const base = publicUrl.replace(/\/$/, '')
  addRoute(app, {
    method: 'get',
    // The segment stands between host and path (AuthZEN 1.0 §9.2).
    path: `${WELL_KNOWN}${pathname.replace(/\/$/, '')}`,
    summary: 'Metadata (AuthZEN 1.0)',
    response: metadataSchema,
    handler: (c) => {
      c.header('Cache-Control', 'public, max-age=300')
      return c.json({
        policy_decision_point: publicUrl,
        access_evaluation_endpoint: `${base}${EVALUATION_PATH}`,
        access_evaluations_endpoint: `${base}${EVALUATIONS_PATH}`,
      })
    },
  })
}
