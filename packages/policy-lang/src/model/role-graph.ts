/**
 * Which role on which type rests on which: the ground of stratified recursion (docs/language.md, "Recursion").
 * Nodes are pairs of role and entity type; `edges` count into `nodes`.
 */
export interface RoleGraph {
  readonly nodes: readonly { readonly role: string; readonly type: string }[]
  readonly edges: readonly RoleEdge[]
}

/** Whether a role is held (`from`) rests on whether another is (`to`). */
export interface RoleEdge {
  readonly from: number
  readonly to: number
  readonly isNegative: boolean
}
