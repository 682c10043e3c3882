// Asks every request of one policy set and judges the answers.
import type { PolicySet } from '@edict/policy-lang'
import type { Adapt, CaseRequest, CaseSet, Question } from './adapter.ts'
import { askServer, createAsk, type Reply } from './ask.ts'
import { type KnownDifferences, knownReason, unknownNumbers } from './known.ts'

export interface SetOutcome {
  readonly passed: number
  readonly known: readonly string[]
  readonly failures: readonly string[]
  /** Asked in-process only, although a server was wanted. */
  readonly notServed: number
}

export interface JudgeOptions {
  readonly folder: string
  readonly known: KnownDifferences
  readonly isServed: boolean
}

type Verdict = { readonly kind: 'passed' } | { readonly kind: 'known' | 'failed'; readonly text: string }

export async function judgeSet(
  set: CaseSet,
  adapt: Adapt,
  { text, policySet }: { readonly text: string; readonly policySet: PolicySet },
  { folder, known, isServed }: JudgeOptions,
): Promise<SetOutcome> {
  const adapted = adapt(set, { schema: policySet.program.schema, folder })
  const asked = set.requests.map((request): [CaseRequest, Question] => {
    const question = adapted.toQuestion(request)
    return [request, { ...question, data: question.data ?? adapted.data }]
  })
  const ask = createAsk(policySet)
  const questions = asked.map(([, question]) => question)
  const served = isServed ? await askServer(text, questions) : new Map<Question, Reply>()
  const verdicts = asked.map(([request, question]) => {
    const overHttp = served.get(question)
    const replies = { 'in-process': ask(question), ...(overHttp !== undefined && { 'over HTTP': overHttp }) }
    return judge(set, request, question, replies, knownReason(known, set.id, request.n))
  })
  const stale = unknownNumbers(known, set.id, new Set(set.requests.map(({ n }) => n)))
  return {
    passed: verdicts.filter(({ kind }) => kind === 'passed').length,
    known: verdicts.flatMap((verdict) => (verdict.kind === 'known' ? [verdict.text] : [])),
    failures: [
      ...verdicts.flatMap((verdict) => (verdict.kind === 'failed' ? [verdict.text] : [])),
      ...stale.map((key) => `${set.id} #${key}: known, but there is no such request`),
    ],
    notServed: isServed ? questions.length - served.size : 0,
  }
}

/** Only a refusal of what the source allows can be known: to allow what it denies is a failure, whatever the reason. */
function judge(
  set: CaseSet,
  request: CaseRequest,
  question: Question,
  replies: Readonly<Record<string, Reply>>,
  reason: string | undefined,
): Verdict {
  const expected = request.expected === 'allow' ? 'allow' : 'deny'
  const wrong = Object.entries(replies).filter(([, reply]) => reply.decision !== expected)
  const title = `${set.id} #${request.n}`
  if (wrong.length === 0) {
    return reason === undefined
      ? { kind: 'passed' }
      : { kind: 'failed', text: `${title}: known (${reason}), but it passes` }
  }
  const isUnsafe = wrong.some(([, { decision }]) => decision === 'allow')
  if (reason !== undefined && !isUnsafe) return { kind: 'known', text: `${title}: ${reason}` }
  const heading = isUnsafe ? 'ALLOWED, but the source denies' : `expected ${expected}`
  const lines = wrong.map(([where, { decision, detail }]) => `${where}: ${decision}\n${detail}`)
  return { kind: 'failed', text: [`${title}: ${heading}`, describe(request, question), ...lines].join('\n') }
}

function describe(request: CaseRequest, { request: asked }: Question): string {
  const label = request.description ?? request.test
  return `${typeof label === 'string' ? `(${label})\n` : ''}${JSON.stringify(asked)}`
}
