// What is answered, as zod schemas, for the OpenAPI document. Tests hold them against the types of the engine and
// against real answers.
import { z } from '@hono/zod-openapi'

const json = z.unknown().openapi({ description: 'any JSON' })

const locationSchema = z
  .object({ file: z.string(), line: z.int(), column: z.int() })
  .openapi('Location', { description: 'A place in the policy text; lines and columns start at 1' })

const builtinReasonSchema = z.enum(['default', 'unknownType', 'unknownAction', 'budgetExceeded'])

const reasonSchema = z
  .union([z.object({ rule: z.string() }), z.object({ builtin: builtinReasonSchema })])
  .openapi('Reason')

export const dutySchema = z
  .object({ name: z.string(), args: z.record(z.string(), json) })
  .openapi('Duty', { example: { name: 'watermark', args: { text: 'ann' } } })

const evaluationErrorSchema = z
  .object({
    rule: z.string(),
    kind: z.enum(['condition', 'obligation', 'advice']),
    message: z.string(),
    location: locationSchema,
    path: z.string().optional(),
  })
  .openapi('EvaluationError')

const footprintSchema = z
  .object({
    request: z.array(z.string()),
    attributes: z.array(z.object({ type: z.string(), attribute: z.string() })),
    parents: z.array(z.string()),
    assignments: z.array(z.string()),
  })
  .openapi('Footprint')

export const answerSchema = z
  .object({
    decision: z.enum(['allow', 'deny']),
    reasons: z.array(reasonSchema),
    obligations: z
      .array(dutySchema)
      .openapi({ description: 'Must be carried out, or the answer counts as deny' }),
    advice: z.array(dutySchema).openapi({ description: 'May be ignored' }),
    errors: z.array(evaluationErrorSchema).openapi({ description: 'Rules that could not be evaluated' }),
    errorCount: z.int().openapi({ description: 'How many errors there are in all' }),
    policyVersion: z.string(),
    cacheable: z
      .union([z.literal(false), z.object({ until: z.string().nullable() })])
      .openapi({ description: 'Until when the answer holds while policy and data stay as they are' }),
    ignored: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'Parts of the request, or of the entity data, that had no effect' }),
    footprint: footprintSchema.optional(),
  })
  .openapi('Answer')

const truthSchema = z.enum(['true', 'false', 'failed'])

const seenValueSchema = z
  .union([
    z.object({ expression: z.string(), state: z.literal('value'), value: json }),
    z.object({ expression: z.string(), state: z.literal('absent') }),
    z.object({ expression: z.string(), state: z.literal('failed'), message: z.string() }),
  ])
  .openapi('SeenValue')

const conditionTraceSchema = z
  .object({
    text: z.string(),
    location: locationSchema,
    result: truthSchema,
    values: z.array(seenValueSchema),
  })
  .openapi('ConditionTrace')

const nearestMissSchema = z
  .object({
    rule: z.string(),
    location: locationSchema,
    doc: z.string().optional(),
    unmet: z.int(),
    first: conditionTraceSchema,
  })
  .openapi('NearestMiss')

const roleHoldingSchema = z
  .object({
    role: z.string(),
    on: z.object({ type: z.string(), id: z.string() }),
    because: z.array(
      z.object({
        kind: z.enum(['assignment', 'condition', 'extends', 'inherited']),
        text: z.string(),
        location: locationSchema.optional(),
      }),
    ),
  })
  .openapi('RoleHolding')

const ruleTraceSchema = z
  .object({
    rule: z.string(),
    effect: z.enum(['allow', 'deny']),
    isAfter: z.boolean(),
    location: locationSchema,
    doc: z.string().optional(),
    result: truthSchema,
    applied: z.boolean(),
    conditions: z.array(conditionTraceSchema),
  })
  .openapi('RuleTrace')

export const explanationSchema = answerSchema
  .extend({
    nearestMisses: z.array(nearestMissSchema),
    roles: z.array(roleHoldingSchema),
    trace: z.array(ruleTraceSchema).optional(),
  })
  .openapi('Explanation')
