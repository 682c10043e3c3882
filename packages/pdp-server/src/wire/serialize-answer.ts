import type { Answer } from '@edict/policy-lang/program'

/** Texts of answers that are given again and again. */
const texts = new WeakMap<Answer, string>()

/** An answer as JSON. INVARIANT: an answer that is frozen is frozen in depth, so its text stays as it is. */
export function serializeAnswer(answer: Answer): string {
  if (!Object.isFrozen(answer)) return JSON.stringify(answer)
  const known = texts.get(answer)
  if (known !== undefined) return known
  const text = JSON.stringify(answer)
  texts.set(answer, text)
  return text
}
