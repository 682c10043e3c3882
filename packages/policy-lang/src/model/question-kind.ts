/** What questions are about that one plan decides. */
export interface QuestionKind {
  readonly resourceType: string
  readonly action: string
  readonly subjectType: string
  /** Whether roles alone led to an answer. */
  readonly isByRole: boolean
  /** How many policy sets ago it was asked. */
  readonly age: number
}
