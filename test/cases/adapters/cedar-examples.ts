import type { AssignmentRecord } from '@edict/policy-lang'
import type { Adapt, CaseSet } from '../adapter.ts'
import { adaptEntities } from './shared/entities.ts'

interface TemplateLink {
  readonly template_id: string
  readonly args: Readonly<Record<'?principal' | '?resource', string>>
}

/** Entities, and links of policy templates as assignments of roles. */
export const adapt: Adapt = (set) => {
  const adapted = adaptEntities(set)
  return { ...adapted, data: { ...adapted.data, assignments: readLinks(set).map(toAssignment) } }
}

function readLinks(set: CaseSet): readonly TemplateLink[] {
  return (set.template_links ?? []) as readonly TemplateLink[]
}

/** The templates of this source let one view or edit. */
function toAssignment({ template_id, args }: TemplateLink): AssignmentRecord {
  return {
    role: template_id.includes('edit') ? 'editor' : 'viewer',
    to: parseRef(args['?principal']),
    on: parseRef(args['?resource']),
  }
}

/** `Type::"id"`. */
function parseRef(text: string): { readonly type: string; readonly id: string } {
  const [, type, id] = /^(?:.*::)?(\w+)::("(?:[^"\\]|\\.)*")$/s.exec(text) ?? []
  if (type === undefined || id === undefined) throw new Error(`no reference: ${text}`)
  return { type, id: JSON.parse(id) }
}
