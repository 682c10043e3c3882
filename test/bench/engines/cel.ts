// Expressions of CEL. The language says conditions, not policies: which expressions a request needs is looked up by
// type and action in two maps that stand around it.
import { type Engine, importPeer } from './engine.ts'
import type { CelRule } from './peer-forms.ts'

type Expression = (variables: object) => unknown
interface Cel {
  readonly Environment: new (options: {
    unlistedVariablesAreDyn: boolean
  }) => { parse(text: string): Expression }
}
interface Cell {
  readonly denies: Expression[]
  readonly allows: Expression[]
}
type Cells = Map<string, Map<string, Cell>>

function indexRules(cel: Cel, rules: readonly CelRule[]): Cells {
  const environment = new cel.Environment({ unlistedVariablesAreDyn: true })
  const cells: Cells = new Map()
  for (const { effect, actions, type, expression } of rules) {
    const parsed = environment.parse(expression)
    const byAction = cells.get(type) ?? new Map<string, Cell>()
    cells.set(type, byAction)
    for (const action of actions) {
      const cell = byAction.get(action) ?? { denies: [], allows: [] }
      byAction.set(action, cell)
      const side = effect === 'deny' ? cell.denies : cell.allows
      side.push(parsed)
    }
  }
  return cells
}

export const CEL: Engine = {
  name: 'cel-js',
  spared: 'parsing, making its variables, finding the rules of a type and action (two maps around it)',
  prepare: async (workload) => {
    const form = workload.peers.cel?.()
    if (form === undefined) return undefined
    const cells = indexRules(await importPeer<Cel>('@marcbachmann/cel-js'), form.rules)
    const questions: object[] = []
    return {
      ready: (index) => {
        const request = workload.requests[index]
        if (request !== undefined) questions[index] = form.variablesOf(request)
      },
      decide: (index) => {
        const request = workload.requests[index]
        const variables = questions[index] as object
        const cell = request && cells.get(request.resource.type)?.get(request.action.name)
        if (cell === undefined || cell.denies.some((expression) => expression(variables) === true))
          return false
        return cell.allows.some((expression) => expression(variables) === true)
      },
    }
  },
  planLoading: async (workload) => {
    const form = workload.peers.cel?.()
    if (form === undefined) return undefined
    const cel = await importPeer<Cel>('@marcbachmann/cel-js')
    return { source: JSON.stringify(form.rules), load: (source) => indexRules(cel, JSON.parse(source)) }
  },
}
