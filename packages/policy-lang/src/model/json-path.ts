const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** One step of a JSON path: `.name`, `["x-id"]` or `[0]`. */
export function pathStep(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`
  return PLAIN_NAME.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
