import { describeEntity, describeName } from '../model/describe-entity.ts'
import { pathStep } from '../model/json-path.ts'
import { canonicalJson, toJson } from '../model/value-json.ts'
import type { Code } from '../program/program.ts'

/** What reads an input, as an author would write it; parts that do not are left out as `…`. */
export function printCode(code: Code): string {
  switch (code.op) {
    case 'subject':
    case 'resource':
      return code.op
    case 'now':
      return 'context.now'
    case 'context':
      return `context${pathStep(code.name)}`
    case 'parameter':
      return `action${pathStep(code.name)}`
    case 'roleParameter':
    case 'variable':
      return code.name
    case 'member':
      return `${printCode(code.object)}${pathStep(code.name)}`
    case 'entry':
      return `${printCode(code.object)}[${printCode(code.key)}]`
    case 'hasRole':
      return `hasRole(${describeName(code.role)}${code.on === undefined ? '' : `, ${printCode(code.on)}`})`
    case 'literal':
      return typeof code.value === 'object' && code.value.kind === 'entity'
        ? describeEntity(code.value)
        : canonicalJson(toJson(code.value))
    default:
      return '…'
  }
}
