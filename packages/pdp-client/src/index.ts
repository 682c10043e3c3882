export {
  type CanFunction,
  type ClientAnswer,
  createPdpClient,
  type DecideOptions,
  type PdpClient,
  type PdpClientOptions,
  type SubjectToken,
} from './client.ts'
export { PdpClientError, type PdpClientErrorCode, type PdpClientErrorDetails } from './errors.ts'
export type {
  ActionSearch,
  FoundAction,
  FoundEntity,
  ResourceSearch,
  SearchEntity,
  SearchingSubject,
  SearchOptions,
  SearchPage,
  SearchPages,
  SubjectSearch,
} from './search-types.ts'
export type { HeadersOption } from './transport.ts'
export type {
  Answer,
  AnswerDuty,
  BuiltinReason,
  Cacheable,
  Decision,
  DecisionRequest,
  EvaluationError,
  Footprint,
  IgnoredInput,
  JsonEntityRef,
  JsonObject,
  JsonValue,
  Location,
  Reason,
  RequestAction,
  RequestEntity,
  RequestRole,
  RequestSubject,
  TokenRequest,
} from './types.ts'
