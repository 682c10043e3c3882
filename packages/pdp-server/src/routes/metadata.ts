import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { PROFILE_FORM } from '../wire/authzen.ts'
import { OBLIGATION_TYPES } from '../wire/obligations-profile.ts'
import { EVALUATION_PATH } from './evaluation.ts'
import { EVALUATIONS_PATH } from './evaluations.ts'
import { addRoute, type RouteContext } from './route.ts'
import { SEARCH_PATHS } from './search.ts'

const WELL_KNOWN = '/.well-known/authzen-configuration'

const metadataSchema = z
  .object({
    policy_decision_point: z.url(),
    access_evaluation_endpoint: z.url(),
    access_evaluations_endpoint: z.url(),
    search_subject_endpoint: z.url(),
    search_resource_endpoint: z.url(),
    search_action_endpoint: z.url(),
    supported_obligations: z.array(z.string()).optional(),
    signed_metadata: z.string().optional().openapi({ description: 'All of it as a JWS; what it says wins' }),
  })
  .openapi('Metadata')

/**
 * AuthZEN 1.0 §9: where the endpoints are. Only with a configured address: one made from the Host header would be
 * the sender's word.
 */
export function addMetadataRoute(app: OpenAPIHono, context: RouteContext): void {
  const { publicUrl, signMetadata, evaluationForm } = context
  if (publicUrl === undefined) return
  const { pathname } = new URL(publicUrl)
  const base = publicUrl.replace(/\/$/, '')
  const metadata = {
    policy_decision_point: publicUrl,
    access_evaluation_endpoint: `${base}${EVALUATION_PATH}`,
    access_evaluations_endpoint: `${base}${EVALUATIONS_PATH}`,
    search_subject_endpoint: `${base}${SEARCH_PATHS.subject}`,
    search_resource_endpoint: `${base}${SEARCH_PATHS.resource}`,
    search_action_endpoint: `${base}${SEARCH_PATHS.action}`,
    ...(evaluationForm === PROFILE_FORM && { supported_obligations: OBLIGATION_TYPES }),
  }
  addRoute(app, {
    method: 'get',
    // The segment stands between host and path (AuthZEN 1.0 §9.2).
    path: `${WELL_KNOWN}${pathname.replace(/\/$/, '')}`,
    summary: 'Metadata (AuthZEN 1.0)',
    response: metadataSchema,
    handler: async (c) => {
      c.header('Cache-Control', 'public, max-age=300')
      const signed = await signMetadata?.(metadata)
      return c.json({ ...metadata, ...(signed !== undefined && { signed_metadata: signed }) })
    },
  })
}
