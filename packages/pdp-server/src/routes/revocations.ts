import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { type Revocations, revocationSchema } from '../authentication/tokens/revocations.ts'
import { checkListLengths, checkShape } from '../wire/request-schema.ts'
import { addJsonEndpoint } from './json-endpoint.ts'
import { BODY_PROBLEMS, type RouteContext } from './route.ts'

const MAX_REVOCATIONS = 1000

const requestSchema = z
  .object({ revocations: z.array(revocationSchema, { error: 'must be an array' }) })
  .openapi('RevocationsRequest')

const responseSchema = z.object({ count: z.int() }).openapi('RevocationsResponse')

/** `POST /revocations`: tokens that no longer count. The answer goes out once they are safe on disk. */
export function addRevocationsRoute(app: OpenAPIHono, context: RouteContext, revocations: Revocations): void {
  const endpoint = {
    path: '/revocations',
    typeCode: 'unsupported-media-type' as const,
    answer: (body: unknown) => {
      checkListLengths(
        [{ path: '$.revocations', value: (body as { readonly revocations?: unknown }).revocations }],
        MAX_REVOCATIONS,
      )
      checkShape(requestSchema, body)
      const added = revocations.add((body as z.infer<typeof requestSchema>).revocations)
      return added.then(() => JSON.stringify({ count: revocations.count() }))
    },
  }
  addJsonEndpoint(app, context, endpoint, {
    summary: 'Revoke tokens: one by issuer and `jti`, or all of a subject issued before an instant',
    request: requestSchema,
    response: responseSchema,
    problems: { ...BODY_PROBLEMS, 415: 'The Content-Type is not application/json' },
  })
}
