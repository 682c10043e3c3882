import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import type { App } from '../app.ts'
import { sendProblem } from '../middleware/errors.ts'
import type { SocketTrust } from '../middleware/gate.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { toProblem } from '../wire/problem.ts'

/** What is shown: of one process, or of several together. */
export type MetricsView = Pick<Metrics, 'render'>

const METRICS_PATH = '/metrics'

/** `GET /metrics`: the text form of Prometheus. */
export function addMetricsRoute(app: OpenAPIHono, metrics: MetricsView): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: METRICS_PATH,
    summary: 'Metrics in the text form of Prometheus',
    responses: { 200: { description: 'The metrics', content: { 'text/plain': { schema: z.string() } } } },
  })
  app.get(METRICS_PATH, async () => renderMetrics(metrics))
  app.all(METRICS_PATH, (c) =>
    sendProblem(c, toProblem(405, `${c.req.method} is not answered here, but GET, HEAD`), {
      Allow: 'GET, HEAD',
    }),
  )
}

/** `/metrics` and nothing else, for a port of its own. */
export function createMetricsApp(metrics: MetricsView): App {
  return {
    fetch: async (request, env) => {
      const { trustsHost } = (env ?? {}) as SocketTrust
      const host = request.headers.get('host')
      if (trustsHost !== undefined && host !== null && !trustsHost(host)) return plain(421, 'another host')
      if (new URL(request.url).pathname !== METRICS_PATH) return plain(404, 'only /metrics is here')
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return plain(405, 'only GET is answered here')
      return renderMetrics(metrics)
    },
  }
}

async function renderMetrics(metrics: MetricsView): Promise<Response> {
  const { contentType, text } = await metrics.render()
  return new Response(text, { headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' } })
}

function plain(status: number, text: string): Response {
  const headers = { 'Content-Type': 'text/plain', ...(status === 405 && { Allow: 'GET, HEAD' }) }
  return new Response(`${text}\n`, { status, headers })
}
