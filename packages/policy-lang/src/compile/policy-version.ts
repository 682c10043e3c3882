import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Declaration, PolicyFile } from '../ast/nodes.ts'
import { RepeatedRule } from '../ast/repeated-rule.ts'
import { sortTexts } from '../model/code-points.ts'
import { printCanonicalDeclaration } from './canonical-form.ts'
import { createRepeatedRulePrinter } from './print-repeated-rule.ts'

/** Whether a declaration is part of what is served, rather than a claim about it. */
export function isServed(declaration: Declaration): boolean {
  return declaration.kind !== 'test' && declaration.kind !== 'invariant'
}

/**
 * SHA-256 (FIPS 180-4) in lower-case hex over the canonical form of everything that is served. Layout, comments,
 * names and order of files, the order of declarations, tests and invariants leave it as it is.
 */
export function computePolicyVersion(files: readonly PolicyFile[]): string {
  const declarations = files.flatMap((file) => file.declarations).filter(isServed)
  const printRepeated = createRepeatedRulePrinter()
  const printed = new Set(
    declarations.map((declaration) =>
      declaration instanceof RepeatedRule
        ? printRepeated(declaration)
        : printCanonicalDeclaration(declaration),
    ),
  )
  return bytesToHex(sha256(utf8ToBytes(sortTexts([...printed]).join('\n'))))
}
