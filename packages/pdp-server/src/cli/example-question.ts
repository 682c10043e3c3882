import type { DecisionRequest, EntityStore, JsonEntityRef, Program } from '@edict/policy-lang'
import type { PdpState } from '../decide/pdp.ts'

const ENTITIES_PER_TYPE = 20
const MAX_TRIES = 500
/** For one try, and for all: an example is no reason to keep a service from its work. */
const STEPS_PER_TRY = 5000
const STEPS_IN_ALL = 200_000

/** A question that fits what is loaded: one that is allowed, where a short search finds it. */
export function findExampleQuestion({ policySet, entities }: PdpState): DecisionRequest | undefined {
  let first: DecisionRequest | undefined
  let tries = 0
  const sharedSteps = { left: STEPS_IN_ALL }
  const options = { ...(entities && { entities }), now: Date.now, stepBudget: STEPS_PER_TRY, sharedSteps }
  for (const request of listQuestions(policySet.program, entities)) {
    first ??= request
    if (++tries > MAX_TRIES || sharedSteps.left <= 0) break
    const { decision } = policySet.decide(request, options)
    if (decision === 'allow') return request
  }
  return first
}

function* listQuestions(program: Program, entities: EntityStore | undefined): Generator<DecisionRequest> {
  const types = program.schema.entityTypes
  const listIds = (type: string): readonly string[] => {
    const stored = entities?.entitiesOf(type, undefined, ENTITIES_PER_TYPE) ?? []
    const known = stored.length > 0 ? stored : listHolders(entities, type)
    return known.length === 0 ? ['1'] : known.map(({ id }) => id)
  }
  // Types with stored entities first: an example is best about something that is there.
  const resources = types
    .filter(({ isResource, actions }) => isResource && actions.length > 0)
    .sort((a, b) => Number(hasNone(entities, a.name)) - Number(hasNone(entities, b.name)))
  const subjects = types
    .filter(({ isSubject }) => isSubject)
    .flatMap(({ name }) => listIds(name).map((id) => ({ type: name, id })))
  for (const { name: type, actions } of resources) {
    for (const id of listIds(type)) {
      for (const action of actions.filter(({ parameters }) => parameters.length === 0)) {
        for (const subject of subjects)
          yield { subject, action: { name: action.name }, resource: { type, id } }
      }
    }
  }
}

/** Who holds a role on everything: data may name subjects nowhere else. */
function listHolders(entities: EntityStore | undefined, type: string): readonly JsonEntityRef[] {
  const assignments = entities?.assignmentsOn('*').slice(0, ENTITIES_PER_TYPE) ?? []
  return assignments.flatMap(({ to }) =>
    typeof to === 'object' && 'id' in to && to.type === type ? [to] : [],
  )
}

function hasNone(entities: EntityStore | undefined, type: string): boolean {
  return entities === undefined || entities.entitiesOf(type, undefined, 1).length === 0
}
