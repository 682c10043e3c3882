// Composes the service from its parts: middleware around routes around one Pdp. Knows of no socket, file or argument.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Revocations } from './authentication/tokens/revocations.ts'
import type { SignMetadata } from './authzen/metadata-signer.ts'
import type { Pdp } from './decide/pdp.ts'
import { createDirectListener, type DirectListener } from './direct-listener.ts'
import type { WritableStore } from './entity-store/writable-store.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { createAccessLog } from './middleware/access-log.ts'
import type { BodyGate } from './middleware/body-gate.ts'
import { answerNotFound, createErrorHandler } from './middleware/errors.ts'
import { createExchangeMiddleware, type ExchangeRules } from './middleware/exchange.ts'
import { createForwarding, type Forwarding } from './middleware/forward.ts'
import type { Gate, Observer } from './middleware/gate.ts'
import { echoRequestId } from './middleware/request-id.ts'
import { setSecurityHeaders } from './middleware/security-headers.ts'
import { refuseOtherHosts } from './middleware/trusted-host.ts'
import { addAssignmentRoutes } from './routes/assignments.ts'
import { addDecideRoute } from './routes/decide.ts'
import type { SubjectTokens } from './routes/describe-subject-tokens.ts'
import { addEntityRoutes } from './routes/entities.ts'
import { addEvaluationRoute } from './routes/evaluation.ts'
import { addEvaluationsRoute } from './routes/evaluations.ts'
import { addHealthRoutes } from './routes/health.ts'
import { addIndexRoute } from './routes/index-page.ts'
import { addMetadataRoute } from './routes/metadata.ts'
import { addMetricsRoute, type MetricsView } from './routes/metrics.ts'
import { addOpenApiRoute } from './routes/openapi.ts'
import { addRevocationsRoute } from './routes/revocations.ts'
import type { RouteContext } from './routes/route.ts'
import { addSearchRoutes } from './routes/search.ts'
import { addWriteBatchRoute } from './routes/write-batch.ts'
import { createPageTokens, type PageTokens } from './search/page-token.ts'
import { createSearchTurns } from './search/search-turns.ts'
import { type Log, NO_LOG } from './telemetry/log.ts'
import type { ReadinessProbe } from './telemetry/readiness.ts'
import { PLAIN_FORM, PROFILE_FORM } from './wire/authzen.ts'

export interface AppOptions {
  readonly pdp: Pdp
  /** Default: `DEFAULT_LIMITS`. */
  readonly limits?: Partial<Limits>
  /** The https address under which others know the service; without it there is no AuthZEN metadata. Default: none. */
  readonly publicUrl?: string | undefined
  /** Signs that metadata. Default: nobody does. */
  readonly signMetadata?: SignMetadata | undefined
  /** Whether AuthZEN endpoints write obligations as its obligations profile does. Default false. */
  readonly obligationsProfile?: boolean
  /** Default: none. */
  readonly log?: Log
  /** Whether each request is logged. Default false. */
  readonly accessLog?: boolean
  /** Asked in turn, after the service's own gates, before any request is answered. Default: none. */
  readonly gates?: readonly Gate[]
  /** Asked in turn about each JSON body, before its endpoint reads it. Default: none. */
  readonly bodyGates?: readonly BodyGate[]
  /** Whether `bodyGates` read tokens of end users, for the OpenAPI document. Default: they do not. */
  readonly subjectTokens?: SubjectTokens | undefined
  /** Where `POST /revocations` adds to; without it there is no such endpoint. Default: none. */
  readonly revocations?: Revocations | undefined
  /** Entity data that can be written, at `/entities`, `/assignments` and `/admin/batch`. Default: none can. */
  readonly entityStore?: WritableStore | undefined
  /** What leads from one page of a search to the next. Default: tokens that only this app takes. */
  readonly pageTokens?: PageTokens | undefined
  /** What another process answers, once the gates have let it through. Default: nothing. */
  readonly forwarding?: Forwarding | undefined
  /** Told of each exchange once it is answered. Default: none. */
  readonly observers?: readonly Observer[]
  /** Answered at `/metrics`. Default: nothing is there. */
  readonly metrics?: MetricsView | undefined
  /** What `/readyz` asks besides whether a policy set is loaded. Default: nothing. */
  readonly probes?: readonly ReadinessProbe[]
}

/** Answers a request; all there is to serving it. */
export interface App {
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>
  /** The same answers without the detour over web requests, for what is asked most. Left out: `fetch` answers all. */
  readonly answerDirectly?: DirectListener
}

/**
 * The service as a function from requests to responses.
 *
 * @example
 * ```ts
 * const app = createApp({ pdp: createPdp({ state: { policySet } }) })
 * const response = await app.fetch(new Request('http://localhost/healthz'))
 * ```
 */
export function createApp(options: AppOptions): App {
  const {
    pdp,
    publicUrl,
    log = NO_LOG,
    accessLog = false,
    gates = [],
    bodyGates = [],
    observers = [],
  } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const context: RouteContext = {
    pdp,
    limits,
    log,
    bodyGates,
    publicUrl,
    signMetadata: options.signMetadata,
    evaluationForm: options.obligationsProfile === true ? PROFILE_FORM : PLAIN_FORM,
    probes: options.probes ?? [],
  }
  const rules: ExchangeRules = {
    gates: [echoRequestId, refuseOtherHosts, ...gates],
    observers: accessLog ? [createAccessLog(log), ...observers] : observers,
    log,
    maxBodyBytes: limits.maxBodyBytes,
  }
  const app = new OpenAPIHono()
  app.onError(createErrorHandler(log))
  app.notFound(answerNotFound)
  app.use(setSecurityHeaders)
  app.use(createExchangeMiddleware(rules))
  if (options.forwarding !== undefined) app.use(createForwarding(options.forwarding, limits.maxBodyBytes))
  addIndexRoute(app)
  const endpoints = [
    addDecideRoute(app, context),
    addEvaluationRoute(app, context),
    addEvaluationsRoute(app, context),
    ...addSearchRoutes(app, {
      ...context,
      pageTokens: options.pageTokens ?? createPageTokens(),
      turns: createSearchTurns(),
    }),
  ]
  addMetadataRoute(app, context)
  addHealthRoutes(app, context)
  if (options.revocations !== undefined) addRevocationsRoute(app, context, options.revocations)
  if (options.entityStore !== undefined) {
    addEntityRoutes(app, context, options.entityStore)
    addAssignmentRoutes(app, context, options.entityStore)
    addWriteBatchRoute(app, context, options.entityStore)
  }
  if (options.metrics !== undefined) addMetricsRoute(app, options.metrics)
  addOpenApiRoute(app, options.subjectTokens)
  return {
    fetch: (request, env) => app.fetch(request, env as never),
    answerDirectly: createDirectListener(endpoints, limits, rules),
  }
}
