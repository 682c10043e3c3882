// Changed policy text: what both targets that read policies start from.
import type { SourceFile } from '@edict/policy-lang'
import { readPolicySets, readSmallPolicies } from './corpus.ts'
import { collectNodeTexts, mutatePolicyTree, type NodeTexts } from './mutate-policy.ts'
import { mutateCharacters, mutateWords, splitWords } from './mutate-text.ts'
import type { Random } from './random.ts'

export interface PolicyCorpus {
  readonly small: readonly SourceFile[]
  readonly sets: readonly (readonly SourceFile[])[]
  readonly vocabulary: readonly string[]
  readonly nodeTexts: NodeTexts
}

export function createPolicyCorpus(): PolicyCorpus {
  const small = readSmallPolicies()
  const sets = readPolicySets().map(({ sources }) => sources)
  const texts = [...small, ...sets.flat()].map(({ text }) => text)
  const words = new Set(texts.flatMap((text) => splitWords(text).filter((word) => word.trim() !== '')))
  return { small, sets, vocabulary: [...words], nodeTexts: collectNodeTexts(texts) }
}

/** One to four changes of any kind, mostly of those that leave a text readable. */
export function mutatePolicy(text: string, random: Random, corpus: PolicyCorpus): string {
  let changed = text
  for (let count = 1 + random.below(4); count > 0; count--) {
    const kind = random.below(5)
    if (kind === 0) changed = mutateCharacters(changed, random, random.pick(corpus.small).text)
    else if (kind <= 2) changed = mutateWords(changed, random, corpus.vocabulary)
    else changed = mutatePolicyTree(changed, random, corpus.nodeTexts)
  }
  return changed
}
