import type { Grant, NameList } from '../ast/nodes.ts'
import type { CheckedGrant } from '../check/checked.ts'
import { compareCodePoints } from '../model/code-points.ts'
import { printCanonicalGrant } from './canonical-form.ts'

/**
 * Ids of grants: role, actions and types as written, `editor.edit.Document`. Grants alike get `#2`, `#3`, …
 * in the order of their printed form, so that neither files nor declaration order decide; equal forms mean the same.
 */
export function assignGrantIds(grants: readonly CheckedGrant[]): ReadonlyMap<Grant, string> {
  const byPlace = new Map<string, Grant[]>()
  for (const { grant, role } of grants) {
    const place = `${role}.${joinNames(grant.actions)}.${joinNames(grant.types)}`
    const alike = byPlace.get(place)
    if (alike === undefined) byPlace.set(place, [grant])
    else alike.push(grant)
  }
  const ids = new Map<Grant, string>()
  for (const [place, alike] of byPlace) {
    const ordered = alike.length === 1 ? alike : sortByPrintedForm(alike)
    ordered.forEach((grant, index) => {
      ids.set(grant, index === 0 ? place : `${place}#${index + 1}`)
    })
  }
  return ids
}

function joinNames(list: NameList): string {
  if (list.kind === 'all') return '*'
  return [...new Set(list.names.map(({ name }) => name))].sort(compareCodePoints).join(',')
}

function sortByPrintedForm(grants: readonly Grant[]): readonly Grant[] {
  return grants
    .map((grant) => ({ grant, text: printCanonicalGrant(grant) }))
    .sort((a, b) => compareCodePoints(a.text, b.text) || compareSpans(a.grant, b.grant))
    .map(({ grant }) => grant)
}

function compareSpans(a: Grant, b: Grant): number {
  return compareCodePoints(a.span.file, b.span.file) || a.span.start - b.span.start
}
