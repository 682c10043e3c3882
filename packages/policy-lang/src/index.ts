// @edict/policy-lang: policy text → diagnostics and a policy set → decisions and explanations.
// The public API, listed name by name; everything that needs no parser is also in "./program".

export { DIAGNOSTIC_CODES, type DiagnosticCode } from './diagnostics/codes.ts'
export type { Diagnostic, Environment, RelatedSpan, Severity } from './diagnostics/diagnostic.ts'
export { locate, type RenderOptions, renderDiagnostic } from './diagnostics/render.ts'
export type { Location, SourceFile, Span } from './diagnostics/span.ts'
export { suggestName } from './diagnostics/suggest.ts'
export {
  assignmentKey,
  type ChangeCheck,
  type ChangedEntityData,
  changeEntityData,
  createChangeCheck,
  type EntityDataChange,
  type StoreStep,
} from './entities/change-entity-data.ts'
export { listEntityData } from './entities/entity-store.ts'
export {
  type ContentChanges,
  changeContent,
  createStoreFiller,
  type StoreFiller,
} from './entities/fill-entity-store.ts'
export {
  type DataProblem,
  type LoadedEntityData,
  loadEntityData,
  type NamedEntityData,
} from './entities/load-entity-data.ts'
export type { DecideOptions } from './evaluate/decide.ts'
export type { ExplainOptions } from './evaluate/explain.ts'
export type { SharedSteps } from './evaluate/meter.ts'
export {
  createPolicyLoader,
  type LoadedPolicySet,
  loadPolicySet,
  type PolicyLoader,
} from './load-policy-set.ts'
export { loadProgram } from './load-program.ts'
export type {
  Answer,
  AnswerDuty,
  BuiltinReason,
  Cacheable,
  ConditionTrace,
  Decision,
  EvaluationError,
  Explanation,
  Footprint,
  IgnoredInput,
  NearestMiss,
  Reason,
  RoleHolding,
  RoleStep,
  RuleTrace,
  SeenValue,
  Truth,
} from './model/answer.ts'
export type {
  AssignmentRecord,
  EntityData,
  EntityRecord,
  EntityStore,
  ScopeRecord,
  StoreChanges,
  StoredEntity,
  TargetRecord,
} from './model/entity-data.ts'
export { type InputProblem, PolicyLangError, type PolicyLangErrorCode } from './model/errors.ts'
export type { QuestionKind } from './model/question-kind.ts'
export type {
  DecisionRequest,
  JsonEntityRef,
  JsonObject,
  JsonValue,
  RequestAction,
  RequestEntity,
  RequestRole,
  RequestSubject,
} from './model/request.ts'
export type { RoleEdge, RoleGraph, RoleNode } from './model/role-graph.ts'
export type { ActionSchema, AttributeSchema, EntityTypeSchema, RoleSchema, Schema } from './model/schema.ts'
export type {
  ActionSearch,
  FoundAction,
  FoundEntity,
  ResourceSearch,
  SearchedType,
  SearchPage,
  SubjectSearch,
} from './model/search.ts'
export type { FieldType, Type } from './model/types.ts'
export type { DatetimeValue, DurationValue, EntityRef, IpValue } from './model/values.ts'
export { createPolicySet, type PolicySet } from './policy-set.ts'
export type {
  Code,
  ComparisonOperator,
  LiteralValue,
  MethodName,
  Place,
  Program,
  ProgramAssignment,
  ProgramCell,
  ProgramCondition,
  ProgramDuty,
  ProgramRole,
  ProgramRule,
  ProgramWho,
  RoleConditionCode,
} from './program/program.ts'
export { findRule, ruleAt, ruleCount } from './program/rule-access.ts'
export { serializeProgram } from './program/serialize.ts'
export type { ExpectedAnswerDuty, TestCase, TestExpectation, TestStep } from './program/test-case.ts'
export type { ReadAheadPlace } from './search/read-ahead.ts'
export type { SearchOptions } from './search/search-options.ts'
export { type FormatOptions, type FormattedPolicy, formatPolicy } from './syntax/format.ts'
