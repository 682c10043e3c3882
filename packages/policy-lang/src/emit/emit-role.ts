// Whether the subject holds a role, as a function of its own for each role and type of entity: called, not pasted in,
// so that no chain of roles makes code grow.
import type { LinkedProgram, LinkedType } from '../evaluate/link.ts'
import type { FunctionMaker } from './compile-js.ts'
import { LEAVE } from './outcome.ts'
import {
  type EntityTest,
  giversAbove,
  type RoleIndex,
  type RoleQuery,
  type RoleQuestion,
  type RoleTags,
} from './role-query.ts'
import {
  type Forms,
  NoFastForm,
  type Operand,
  type RoleEmitter,
  type Site,
  singleType,
  type Test,
} from './site.ts'
import { createWriter } from './writer.ts'

/** With more roles, a list for each question would take more memory than it saves time. */
const MAX_LISTED = 256

const PARAMETERS = ['run', 'sp', 'rp', 'cx', 'sid', 'rid']

export function createRoleEmitter(
  linked: LinkedProgram,
  roles: RoleIndex,
  subject: LinkedType,
  maker: FunctionMaker,
  forms: Forms,
): RoleEmitter {
  const made = new Map<string, EntityTest>()
  const queries = new Map<string, RoleQuery>()
  const questions = new Map<string, RoleQuestion>()
  const emitter: RoleEmitter = {
    holds(role, type, isRoot) {
      if (roles.isRecursive(role)) throw new NoFastForm()
      return remember(['holds', role], type, isRoot, (site) => {
        emitConditions(roles.givers(role), site)
        const { writer } = site
        const question = writer.constant(ask([[role, 0]], type.schema.name))
        writer.line(`return h.either(outcome, h.toOutcome(h.findHeld(run, ${question}, rid)));`)
      })
    },
    ask,
  }

  function ask(asked: readonly (readonly [role: string, tag: number])[], type: string): RoleQuestion {
    const key = JSON.stringify([type, asked])
    const known = questions.get(key)
    if (known !== undefined) return known
    const query = queryOf(asked)
    const typesAbove = query.above.size === 0 ? [] : [...(linked.types.get(type)?.ancestors ?? [])]
    const question = roles.pose({ query, type, typesAbove })
    questions.set(key, question)
    return question
  }

  function remember(
    [kind, name]: readonly [string, string],
    type: LinkedType,
    isRoot: boolean,
    write: (site: Site) => void,
  ): EntityTest {
    const key = JSON.stringify([kind, name, type.schema.name, isRoot])
    const known = made.get(key)
    if (known !== undefined) return known
    const draft = maker.begin()
    const writer = createWriter(draft.constantJs)
    const resource = { type, isRoot }
    write({
      linked,
      roles,
      writer,
      subject,
      resource,
      action: undefined,
      variables: new Map(),
      kinds: [],
      emitter,
      forms,
    })
    const { body, constants } = writer.finish()
    const test = draft.finish<EntityTest['code']>(PARAMETERS, body, constants)
    made.set(key, test)
    return test
  }

  /** Conditions of these roles on the entity: returns where one is true, else leaves what they come to. */
  function emitConditions(names: readonly string[], site: Site): void {
    const { writer } = site
    writer.line('let outcome = 0;')
    for (const name of names) {
      for (const { code } of linked.roles.get(name)?.conditionsOn(site.resource.type.schema.name) ?? []) {
        writer.nested(() => {
          const { yes, failed } = site.forms.test(code, site)
          writer.line(
            failed === undefined
              ? `if (${yes}) return 1;`
              : `if (${failed}) outcome = 2; else if (${yes}) return 1;`,
          )
        })
      }
    }
  }

  function queryOf(asked: readonly (readonly [role: string, tag: number])[]): RoleQuery {
    const key = JSON.stringify(asked)
    const known = queries.get(key)
    if (known !== undefined) return known
    const above = asked.map(([role, tag]) => [giversAbove(role, linked, roles), tag] as const)
    const aboveNames = new Set(above.flatMap(([names]) => names))
    const testsByType = new Map<string, readonly EntityTest[]>()
    const query: RoleQuery = {
      here: toTags(asked.map(([role, tag]) => [roles.givers(role), tag])),
      above: toTags(above),
      testsAbove: (type) => {
        const tests = testsByType.get(type) ?? makeTestsAbove(type, [...aboveNames])
        testsByType.set(type, tests)
        return tests
      },
    }
    queries.set(key, query)
    return query
  }

  function makeTestsAbove(typeName: string, names: readonly string[]): readonly EntityTest[] {
    const type = linked.types.get(typeName)
    const giving = names.filter((name) => (linked.roles.get(name)?.conditionsOn(typeName) ?? []).length > 0)
    if (type === undefined) return []
    return giving.map((name) => makeTestOrLeave(name, type))
  }

  /** A condition without a fast form leaves the decision to the reference once it is asked. */
  function makeTestOrLeave(name: string, type: LinkedType): EntityTest {
    try {
      return remember(['given', name], type, false, (site) => {
        emitConditions([name], site)
        site.writer.line('return outcome;')
      })
    } catch (error) {
      if (!(error instanceof NoFastForm)) throw error
      return LEAVING
    }
  }

  function toTags(asked: readonly (readonly [names: readonly string[], tag: number])[]): RoleTags {
    const tags = new Map<number, number>()
    for (const [names, tag] of asked) {
      for (const name of names) {
        const index = roles.sites.get(name)?.index ?? -1
        // Of several rules that one role makes apply, the first is named.
        if (!tags.has(index)) tags.set(index, tag)
      }
    }
    const { length } = roles.names
    const list = length > MAX_LISTED ? undefined : Array.from({ length }, (_, role) => tags.get(role) ?? -1)
    return { roles: tags, list, size: tags.size }
  }

  return emitter
}

const LEAVING: EntityTest = {
  code: () => {
    throw LEAVE
  },
  k: [],
}

/** The role on the resource, or on an entity of one type. */
export function emitHolds(role: string, on: Operand | undefined, site: Site): Test {
  const { writer } = site
  const type = on === undefined ? site.resource.type : site.linked.types.get(singleType(on.type) ?? '')
  if (type === undefined) throw new NoFastForm()
  const id = on?.js ?? 'rid'
  const test = writer.constant(site.emitter.holds(role, type, on === undefined && site.resource.isRoot))
  const call = `${test}.code(run, sp, rp, cx, sid, ${id}, ${test}.k)`
  if (on === undefined) {
    // Asked for once in a decision, wherever it is asked for.
    const name = writer.slot(JSON.stringify(['holds', role]), '-1')
    writer.line(`if (${name} === -1) ${name} = ${call};`)
    return { yes: `${name} === 1`, failed: `${name} === 2` }
  }
  const name = writer.local('t')
  writer.line(`const ${name} = ${call};`)
  return { yes: `${name} === 1`, failed: `${name} === 2` }
}
