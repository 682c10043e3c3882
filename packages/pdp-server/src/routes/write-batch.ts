import type { OpenAPIHono } from '@hono/zod-openapi'
import type { WritableStore } from '../entity-store/writable-store.ts'
import { batchReplySchema, batchSchema, toOperations } from '../wire/entity-writes.ts'
import { carryOut, toWarnings, writeHeaders } from './entity-write.ts'
import { addResource, refuseOtherParameters } from './resource.ts'
import type { RouteContext } from './route.ts'

/** `POST /admin/batch`: many writes, all or none of them. */
export function addWriteBatchRoute(app: OpenAPIHono, context: RouteContext, store: WritableStore): void {
  addResource(app, context, {
    path: '/admin/batch',
    methods: [
      {
        method: 'post',
        summary: 'Many writes of entity data, in order, all or none of them',
        headers: writeHeaders,
        request: batchSchema,
        responses: { 200: batchReplySchema },
        answer: (request) => {
          refuseOtherParameters(request.query, [])
          const operations = toOperations(request.body, context.limits.maxBatchLength)
          return carryOut(store, request, operations, ({ number, outcomes, warnings }) => {
            const results = outcomes.map(({ isNew, assignmentId }) => ({
              status: isNew ? 201 : 200,
              assignmentId,
            }))
            return { status: 200, body: JSON.stringify({ number, results, ...toWarnings(warnings) }) }
          })
        },
      },
    ],
  })
}
