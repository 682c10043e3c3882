// Casbin: a model with a matcher, policies as lines.
import { type Engine, importPeer } from './engine.ts'
import type { CasbinForm } from './peer-forms.ts'

interface Enforcer {
  enforceSync(...values: readonly unknown[]): boolean
  setRoleManager(manager: object): void
  getNamedRoleManager(name: string): object | undefined
  buildRoleLinks(): Promise<void>
  getModel(): { addPolicies(section: string, key: string, rules: readonly (readonly string[])[]): unknown }
}
interface Casbin {
  newEnforcer(model: object): Promise<Enforcer>
  newModelFromString(text: string): object
}

async function createEnforcer(
  casbin: Casbin,
  { model, lines }: Pick<CasbinForm<never>, 'model' | 'lines'>,
): Promise<Enforcer> {
  const enforcer = await casbin.newEnforcer(casbin.newModelFromString(model))
  // Lines go in as arrays, all of a kind at once: its text form would first have to be quoted.
  for (const [key, rules] of Map.groupBy(lines, ([key = '']) => key)) {
    enforcer.getModel().addPolicies(
      key.charAt(0),
      key,
      rules.map((line) => line.slice(1)),
    )
  }
  allowDeepRoles(enforcer)
  await enforcer.buildRoleLinks()
  return enforcer
}

/** Ten levels are the default, chains of the benchmark are deeper. */
function allowDeepRoles(enforcer: Enforcer): void {
  for (const name of ['g', 'g2']) {
    const manager = enforcer.getNamedRoleManager(name)
    if (manager !== undefined) Object.assign(manager, { maxHierarchyLevel: 30 })
  }
}

export const CASBIN: Engine = {
  name: 'casbin',
  spared: 'promises (`enforceSync`), making its arguments, role links (built beforehand)',
  prepare: async (workload) => {
    const form = workload.peers.casbin?.()
    if (form === undefined) return undefined
    const enforcer = await createEnforcer(await importPeer<Casbin>('casbin'), form)
    const questions: (readonly unknown[])[] = []
    return {
      ready: (index) => {
        const request = workload.requests[index]
        if (request !== undefined) questions[index] = form.argumentsOf(request)
      },
      decide: (index) => enforcer.enforceSync(...(questions[index] as readonly unknown[])),
    }
  },
  planLoading: async (workload) => {
    const form = workload.peers.casbin?.()
    if (form === undefined) return undefined
    const casbin = await importPeer<Casbin>('casbin')
    return {
      source: JSON.stringify({ model: form.model, lines: form.lines }),
      load: (source) => createEnforcer(casbin, JSON.parse(source)),
    }
  },
}
