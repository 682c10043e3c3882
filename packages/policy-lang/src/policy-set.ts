import { canMakeCode } from './emit/compile-js.ts'
import { createFastDecider } from './emit/fast-decider.ts'
import { type DecideOptions, decide } from './evaluate/decide.ts'
import { type ExplainOptions, explain } from './evaluate/explain.ts'
import { linkProgram } from './evaluate/link.ts'
import type { Answer, Explanation } from './model/answer.ts'
import type { DecisionRequest } from './model/request.ts'
import type { Program } from './program/program.ts'
import type { TestCase } from './program/test-case.ts'

/** A policy set that can answer. It never changes: loading again gives another one. */
export interface PolicySet {
  /** The compiled form: plain data, to be stored or sent elsewhere with `serializeProgram`. */
  readonly program: Program
  /** SHA-256 of the canonical form, lower-case hex: the `policyVersion` of every answer. */
  readonly version: string
  /** The `test` blocks of the sources; none where the set was made from a Program. */
  readonly tests: readonly TestCase[]
  /**
   * How it decides: by `code` made from the Program, or by walking it (`reference`) where making code is forbidden.
   * The answers are the same.
   */
  readonly engine: 'code' | 'reference'

  /**
   * Decides one request.
   * @throws PolicyLangError `malformed-request` where it is no request; in strict mode `invalid-request`;
   * `clock-not-allowed` where it holds `context.now` without `allowRequestClock`
   */
  decide(request: DecisionRequest, options?: DecideOptions): Answer

  /**
   * Decides one request and says why: nearest misses of a denial, how roles are held, and with `trace: true` what
   * every rule did.
   * @throws PolicyLangError as `decide`
   * @example
   * ```ts
   * import { loadPolicySet } from '@edict/policy-lang'
   *
   * const text = `
   *   subject Person
   *   resource Note { isDraft: Bool  actions read }
   *   rule published: allow read on Note if !resource.isDraft
   * `
   * const { policySet } = loadPolicySet([{ name: 'notes.edict', text }])
   * const explanation = policySet?.explain({
   *   subject: { type: 'Person', id: 'mia' },
   *   action: { name: 'read' },
   *   resource: { type: 'Note', id: 'n1', properties: { isDraft: true } },
   * })
   * explanation?.decision // => 'deny'
   *
   * const [miss] = explanation?.nearestMisses ?? []
   * miss?.rule // => 'published'
   * miss?.first.text // => '!resource.isDraft'
   * miss?.first.values // => [{ expression: 'resource.isDraft', state: 'value', value: true }]
   * ```
   */
  explain(request: DecisionRequest, options?: ExplainOptions): Explanation
}

const NO_OPTIONS: DecideOptions = Object.freeze({})

/**
 * Makes a Program ready to answer.
 * @throws PolicyLangError `invalid-program` where one of its patterns is no RE2
 */
export function createPolicySet(program: Program, tests: readonly TestCase[] = []): PolicySet {
  const linked = linkProgram(program)
  const fast = canMakeCode() ? createFastDecider(linked) : undefined
  return Object.freeze({
    program,
    version: program.policyVersion,
    tests,
    engine: fast === undefined ? 'reference' : 'code',
    decide: (request: DecisionRequest, options: DecideOptions = NO_OPTIONS) =>
      fast?.(request, options) ?? decide(linked, request, options),
    explain: (request: DecisionRequest, options?: ExplainOptions) => explain(linked, request, options),
  })
}
