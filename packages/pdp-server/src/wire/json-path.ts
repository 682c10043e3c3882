const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A JSON path, such as `$.entities[0]["x-id"]`. */
export function toJsonPath(steps: readonly PropertyKey[]): string {
  return `$${steps.map(toStep).join('')}`
}

function toStep(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`
  const name = String(step)
  return PLAIN_NAME.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}
