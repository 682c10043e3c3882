import type { Expression } from '../ast/nodes.ts'
import type { PairResolver } from './applicability.ts'
import type { Declarations } from './declarations.ts'
import type { DutyTable } from './duty-table.ts'
import type { Tables } from './expressions/typing.ts'
import type { Report, Reporter } from './report.ts'
import type { NameResolver } from './resolve-names.ts'
import type { TypeIndex } from './type-index.ts'

/** What the checks of one policy set share. */
export interface CheckState {
  readonly declarations: Declarations
  readonly index: TypeIndex
  readonly tables: Tables
  readonly names: NameResolver
  readonly pairs: PairResolver
  readonly duties: DutyTable
  /** Built-in methods found so far, for the compiler. */
  readonly methods: Set<Expression>
  readonly report: Report
  readonly probe: Reporter['probe']
}
