/** How much one request may ask for. */
export interface Limits {
  /** Default 1 MiB. */
  readonly maxBodyBytes: number
  /** How deep arrays and objects of a body may nest. Default 64. */
  readonly maxDepth: number
  /** Questions of one batch. Default 1,000. */
  readonly maxBatchLength: number
  /** Members of `entities`, `roles` and of each `parents`. Default 10,000. */
  readonly maxListLength: number
  /** Results of one page of a search. Default 100,000. */
  readonly maxSearchResults: number
  /** Steps of one page of a search. Default 10,000,000. */
  readonly searchStepBudget: number
}

export const DEFAULT_LIMITS: Limits = {
  maxBodyBytes: 1024 * 1024,
  maxDepth: 64,
  maxBatchLength: 1000,
  maxListLength: 10_000,
  maxSearchResults: 100_000,
  searchStepBudget: 10_000_000,
}
