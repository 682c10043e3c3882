import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Pdp } from '../decide/pdp.ts'
import type { ReadinessProbe } from '../telemetry/readiness.ts'
import { addRoute, type RouteContext } from './route.ts'

const healthSchema = z.object({ status: z.literal('ok') }).openapi('Health')

const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    detail: z.string(),
    policyVersion: z.string().optional(),
    dataVersion: z.string().optional(),
    policyNumber: z.int().optional(),
    dataNumber: z.int().optional(),
    counts: z.record(z.string(), z.int()).optional(),
    checks: z
      .array(
        z.object({ name: z.string(), status: z.enum(['ok', 'degraded', 'failing']), detail: z.string() }),
      )
      .optional(),
  })
  .openapi('Readiness')

type Readiness = z.infer<typeof readinessSchema>

/** `GET /healthz`: the process runs. `GET /readyz`: it can decide; 503 until then, and while a part of it fails. */
export function addHealthRoutes(app: OpenAPIHono, { pdp, probes }: RouteContext): void {
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
    summary: 'Whether it can decide',
    response: readinessSchema,
    otherStatuses: { 503: 'It cannot, yet or now' },
    handler: (c) => {
      const readiness = readReadiness(pdp, probes)
      return c.json(readiness, readiness.status === 'ready' ? 200 : 503)
    },
  })
}

function readReadiness(pdp: Pdp, probes: readonly ReadinessProbe[]): Readiness {
  const checks = probes.map((probe) => probe())
  const shown = { ...(checks.length > 0 && { checks }) }
  const state = pdp.current()
  if (state === undefined) return { status: 'not-ready', detail: 'no policy set is loaded', ...shown }
  const failing = checks.find(({ status }) => status === 'failing')
  const degraded = checks.find(({ status }) => status === 'degraded')
  const { policySet, entities, counts, numbers } = state
  return {
    status: failing === undefined ? 'ready' : 'not-ready',
    detail: (failing ?? degraded)?.detail ?? 'a policy set is loaded',
    policyVersion: policySet.version,
    ...(entities !== undefined && { dataVersion: entities.version }),
    ...(numbers !== undefined && { policyNumber: numbers.policy }),
    ...(numbers?.data !== undefined && { dataNumber: numbers.data }),
    ...(counts !== undefined && { counts }),
    ...shown,
  }
}
