import type { Declaration, PolicyFile } from '../ast/nodes.ts'
import type { Report } from './report.ts'

const TEST_FILE = /\.test\.edict$/

const NOUNS: { readonly [kind in Declaration['kind']]: string } = {
  entityType: 'a type',
  typeAlias: 'a type',
  context: '`context`',
  trustStore: '`trust store`',
  role: 'a role',
  roleCondition: 'a role condition',
  assignment: 'an assignment',
  let: 'a `let`',
  fn: 'a `fn`',
  rule: 'a rule',
  test: 'a test',
  invariant: 'an invariant',
}

/** Test files are left out of what is served, so nothing that is served may stand in them. */
export function checkFiles(files: readonly PolicyFile[], report: Report): void {
  for (const file of files) {
    if (!TEST_FILE.test(file.file)) continue
    for (const declaration of file.declarations) {
      if (declaration.kind === 'test' || declaration.kind === 'invariant') continue
      report({
        code: 'declaration-in-test-file',
        span: declaration.span,
        message: `a test file holds tests and invariants, and this is ${NOUNS[declaration.kind]}`,
        hint: 'move it to a file whose name ends in `.edict` alone',
      })
    }
  }
}
