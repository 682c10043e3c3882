// Texts → a state, again and again: what stayed the same is not parsed again. It brings the parser, which a thread that
// only watches does without.
import { createPolicyLoader, type SourceFile } from '@edict/policy-lang'
import { type ParseEntityText, parseEntityText } from '../entities/load-entity-directory.ts'
import { type LoadedState, loadStateTexts, type StateTexts } from '../load-state.ts'
import { describeFailure } from './describe-failure.ts'
import type { SourceFailure } from './policy-source.ts'

export type LoadAgain = (texts: StateTexts) => {
  readonly loaded: LoadedState
  readonly failure: SourceFailure | undefined
}

export function createLoadAgain(): LoadAgain {
  const data = createDataParser()
  const readers = { loader: createPolicyLoader(), parseData: data.parse }
  return (texts) => {
    const loaded = loadStateTexts(texts, readers)
    data.keepOnly(texts.data ?? [])
    return { loaded, failure: describeFailure(loaded) }
  }
}

interface DataParser {
  readonly parse: ParseEntityText
  /** Forgets all other files. */
  readonly keepOnly: (files: readonly SourceFile[]) => void
}

/** Keeps what files of entity data say, by their name and text. */
function createDataParser(): DataParser {
  const known = new Map<string, { readonly text: string; readonly parsed: ReturnType<ParseEntityText> }>()
  return {
    parse: (file) => {
      const before = known.get(file.name)
      if (before?.text === file.text) return before.parsed
      const parsed = parseEntityText(file)
      known.set(file.name, { text: file.text, parsed })
      return parsed
    },
    keepOnly: (files) => {
      const names = new Set(files.map(({ name }) => name))
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
    },
  }
}
