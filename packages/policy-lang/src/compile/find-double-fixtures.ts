import type { EntityFixture, Test, TestItem } from '../ast/nodes.ts'
import type { CheckedPolicySet } from '../check/checked.ts'
import { DIAGNOSTIC_CODES } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { SourceFile } from '../diagnostics/span.ts'
import { describeEntity } from '../model/describe-entity.ts'
import type { EntityRecord } from '../model/entity-data.ts'
import { entityKey } from '../model/entity-key.ts'
import { canonicalJson } from '../model/value-json.ts'
import { createLoweringUnit } from './compile-program.ts'
import { toEntityRecord } from './fixtures.ts'
import type { LoweringUnit } from './lowering-context.ts'
import { createPlaces } from './places.ts'

/**
 * Entities that stand twice in one `given` with different content: entity data would be refused for it, and which of
 * them a test means nobody can tell. A later `given` replaces what an earlier one says.
 * INVARIANT: every constant can be computed.
 */
export function findDoubleFixtures(
  checked: CheckedPolicySet,
  sources: readonly SourceFile[],
): readonly Diagnostic[] {
  const unit = createLoweringUnit(checked, createPlaces(sources, []))
  return checked.tests.flatMap(({ items }: Test) => items.flatMap((item) => findInItem(item, unit)))
}

function findInItem(item: TestItem, unit: LoweringUnit): readonly Diagnostic[] {
  if (item.kind !== 'given') return []
  const seen = new Map<string, string>()
  return item.entities.flatMap((fixture): readonly Diagnostic[] => {
    const record = toEntityRecord(fixture, unit)
    const key = entityKey(record.type, record.id)
    const content = contentOf(record)
    const first = seen.get(key)
    seen.set(key, first ?? content)
    return first === undefined || first === content ? [] : [toDiagnostic(fixture, describeEntity(record))]
  })
}

/** What the store would hold: without braces no properties, without `in` no parents, in any order. */
function contentOf({ properties = {}, parents = [] }: EntityRecord): string {
  return canonicalJson([properties, parents.map((parent) => entityKey(parent.type, parent.id)).sort()])
}

function toDiagnostic({ span }: EntityFixture, name: string): Diagnostic {
  const { severity } = DIAGNOSTIC_CODES['duplicate-clause']
  return {
    code: 'duplicate-clause',
    severity,
    span,
    message: `${name} stands twice in this \`given\`, with different content`,
    hint: 'say all of it once; only a later `given` replaces what an earlier one says',
  }
}
