// CASL: an ability for each user, made from the rules that concern them and kept.
import { type Engine, importPeer } from './engine.ts'
import type { CaslRule } from './peer-forms.ts'

interface Ability {
  can(action: string, subject: unknown): boolean
}
interface Casl {
  createMongoAbility(rules: readonly CaslRule[]): Ability
  subject(type: string, object: object): object
}
interface Question {
  readonly ability: Ability
  readonly action: string
  readonly subject: unknown
}

export const CASL: Engine = {
  name: 'casl',
  spared:
    'making abilities: one is kept for each user, with the rules that can concern them; tagging the objects',
  prepare: async (workload) => {
    const form = workload.peers.casl?.()
    if (form === undefined) return undefined
    const casl = await importPeer<Casl>('@casl/ability')
    const abilities = new Map<string, Ability>()
    const questions: Question[] = []
    return {
      ready: (index) => {
        const request = workload.requests[index]
        if (request === undefined) return
        const key = form.abilityKeyOf(request)
        const ability = abilities.get(key) ?? casl.createMongoAbility(form.rulesOf(request))
        abilities.set(key, ability)
        const object = form.objectOf?.(request)
        const { type } = request.resource
        questions[index] = {
          ability,
          action: request.action.name,
          subject: object === undefined ? type : casl.subject(type, { ...object }),
        }
      },
      decide: (index) => {
        const { ability, action, subject } = questions[index] as Question
        return ability.can(action, subject)
      },
    }
  },
}
