/** Which policies and which data, in the order they came: each only grows. */
export interface StateNumbers {
  readonly policy: number
  /** Left out where there is no entity data. */
  readonly data?: number
}
