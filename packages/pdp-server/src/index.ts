// @edict/pdp-server: the decision point as a service. The public API, listed name by name.

export { type App, type AppOptions, createApp } from './app.ts'
export type { BatchDecider, Decider } from './decide/decider.ts'
export type { DecisionHooks, DecisionOrigin, DecisionRecord } from './decide/decision-record.ts'
export { createPdp, type Pdp, type PdpOptions, type PdpState } from './decide/pdp.ts'
export { PdpServerError, type PdpServerErrorCode, type RequestProblem } from './errors.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { type LoadedState, type LoadStateOptions, loadState } from './load-state.ts'
export { type RunningServer, type ServerOptions, startServer } from './server.ts'
export type { Log } from './telemetry/log.ts'
export { type Loaded, Metrics, type MetricsOptions } from './telemetry/metrics.ts'
export type { ReadinessCheck, ReadinessProbe } from './telemetry/readiness.ts'
