import { type FoundAction, type FoundEntity, PolicyLangError } from '@edict/policy-lang'
import type { Decider } from '../decide/decider.ts'
import { createPdp } from '../decide/pdp.ts'
import type { SearchQuestion } from '../decide/search-record.ts'
import { formatEntityReference } from './entity-reference.ts'
import { type CliIo, EXIT, type ExitCode, say, visible } from './io.ts'
import { type ChosenFolders, loadChosenState } from './load-chosen-state.ts'
import { readInstant } from './read-question.ts'
import { readSearch, type SearchFlags } from './read-search.ts'

export interface SearchCommandOptions extends SearchFlags, ChosenFolders {
  readonly now?: string
  readonly json?: boolean
}

type Found = FoundEntity | FoundAction

/** `edict search`: 0 where something is found, 1 where nothing is, 2 where it cannot search. */
export function runSearchCommand(options: SearchCommandOptions, io: CliIo): ExitCode {
  const now = options.now === undefined ? undefined : readInstant(options.now)
  const question = readSearch(options)
  const state = loadChosenState(options, io)
  if (state === undefined) return EXIT.error
  const decider = createPdp({ state, ...(now !== undefined && { now: () => now }) }).begin()
  try {
    const found = findAll(decider, question)
    if (options.json === true) say(io.stdout, JSON.stringify({ results: found }, undefined, 2))
    else for (const one of found) say(io.stdout, describe(one))
    return found.length > 0 ? EXIT.ok : EXIT.no
  } catch (error) {
    if (!(error instanceof PolicyLangError)) throw error
    say(io.stderr, `error: ${error.message}`)
    return EXIT.error
  }
}

function findAll(decider: Decider, question: SearchQuestion): readonly Found[] {
  const found: Found[] = []
  let after: string | undefined
  do {
    const page = decider.search(question, after === undefined ? {} : { after })
    for (const one of page.results) found.push(one)
    after = page.next
  } while (after !== undefined)
  return found
}

/** As it would be given to `edict decide`. */
function describe(found: Found): string {
  const name = 'name' in found ? found.name : formatEntityReference(found)
  const duties = (found.obligations ?? []).map((one) => one.name)
  return visible(duties.length === 0 ? name : `${name}  (must also: ${duties.join(', ')})`)
}
