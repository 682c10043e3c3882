import {
  type AnswerDuty,
  type ConditionTrace,
  type DecisionRequest,
  type Explanation,
  findRule,
  type Location,
  type PolicySet,
  type Reason,
  type RuleTrace,
  ruleAt,
  type SeenValue,
} from '@edict/policy-lang'
import { formatEntityReference } from './entity-reference.ts'
import { type CliIo, createPaint, type Paint, say, visible } from './io.ts'

/** Nearest misses that are shown unless all are asked for. */
const SHOWN_MISSES = 1

const BUILTIN: Readonly<Record<string, string>> = {
  default: 'no rule allows it',
  unknownType: 'the policy set does not know the type of the subject or resource, or it may not stand there',
  unknownAction: 'the type of the resource has no such action',
  budgetExceeded: 'the decision took more steps than it may',
}

/** The answer for people: what, why, and what came close. */
export function printAnswer(
  answer: Explanation,
  request: DecisionRequest,
  policySet: PolicySet,
  io: CliIo,
  explain: boolean,
): void {
  const paint = createPaint(io.stdout, io.env)
  for (const line of describeAnswer(answer, request, policySet, paint, explain)) say(io.stdout, line)
}

function describeAnswer(
  answer: Explanation,
  request: DecisionRequest,
  policySet: PolicySet,
  paint: Paint,
  explain: boolean,
): readonly string[] {
  const { decision, nearestMisses, trace = [] } = answer
  // Where a deny rule decided, an allow that came close would have changed nothing.
  const isDefault = answer.reasons.some((reason) => 'builtin' in reason && reason.builtin === 'default')
  const misses = isDefault ? nearestMisses.slice(0, explain ? undefined : SHOWN_MISSES) : []
  return [
    `${paint(decision === 'allow' ? 'green' : 'red', decision.toUpperCase())}  ${describeQuestion(request)}`,
    ...answer.reasons.flatMap((reason) => describeReason(reason, policySet, paint)),
    ...describeDuties('must also', answer.obligations),
    ...describeDuties('advice', answer.advice),
    ...answer.roles.flatMap(({ role, on, because }) => [
      visible(`  holds ${role} on ${formatEntityReference(on)}`),
      ...because.map(({ text, location }) => `    ${visible(text)}${at(location, paint)}`),
    ]),
    ...misses.flatMap((miss) => [
      `  closest: ${visible(miss.rule)}${at(miss.location, paint)}, ${miss.unmet} of its conditions not met`,
      ...describeCondition(miss.first, paint, '    '),
    ]),
    ...answer.errors.map(
      ({ rule, message, location }) =>
        `  could not evaluate ${visible(`${rule}: ${message}`)}${at(location, paint)}`,
    ),
    ...(answer.ignored ?? []).map(({ path, message }) => visible(`  ignored ${path}: ${message}`)),
    ...(trace.length > 0 ? ['  all rules for this action and type:'] : []),
    ...trace.flatMap((rule) => describeRule(rule, paint)),
  ]
}

function describeQuestion({ subject, action, resource }: DecisionRequest): string {
  return visible(`${formatEntityReference(subject)} ${action.name} ${formatEntityReference(resource)}`)
}

function describeReason(reason: Reason, { program }: PolicySet, paint: Paint): readonly string[] {
  if ('builtin' in reason) return [`  because ${BUILTIN[reason.builtin] ?? reason.builtin}`]
  const index = findRule(program, reason.rule)
  if (index === undefined) return [`  because of ${visible(reason.rule)}`]
  const rule = ruleAt(program, index)
  const [source, line, column] = rule.at
  const location = { file: program.sources[source] ?? '', line, column }
  return [
    `  because of ${paint('bold', visible(reason.rule))}${at(location, paint)}`,
    ...(rule.doc === undefined ? [] : rule.doc.split('\n').map((text) => `    ${visible(text.trim())}`)),
  ]
}

function describeDuties(title: string, duties: readonly AnswerDuty[]): readonly string[] {
  return duties.map(({ name, args }) => {
    const list = Object.entries(args).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    return visible(`  ${title}: ${name}(${list.join(', ')})`)
  })
}

function describeRule(
  { rule, effect, isAfter, result, applied, location, conditions }: RuleTrace,
  paint: Paint,
): readonly string[] {
  const failed = `failed, so it ${applied ? 'applies' : 'does not apply'}`
  const outcome = { true: 'matches', false: 'does not match', failed }[result]
  return [
    `    ${visible(rule)} (${isAfter ? 'after ' : ''}${effect}) ${outcome}${at(location, paint)}`,
    ...conditions.flatMap((condition) => describeCondition(condition, paint, '      ')),
  ]
}

function describeCondition(condition: ConditionTrace, paint: Paint, indent: string): readonly string[] {
  const outcome = { true: 'met', false: 'not met', failed: 'failed' }[condition.result]
  return [
    `${indent}${outcome}: ${visible(condition.text)}${at(condition.location, paint)}`,
    ...condition.values.map((value) => `${indent}  ${visible(describeValue(value))}`),
  ]
}

function describeValue(seen: SeenValue): string {
  if (seen.state === 'value') return `${seen.expression} = ${JSON.stringify(seen.value)}`
  return seen.state === 'absent'
    ? `${seen.expression} is absent`
    : `${seen.expression} failed: ${seen.message}`
}

function at(location: Location | undefined, paint: Paint): string {
  if (location === undefined) return ''
  return paint('dim', visible(`  (${location.file}:${location.line}:${location.column})`))
}
