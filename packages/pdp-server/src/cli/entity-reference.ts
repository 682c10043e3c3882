import type { JsonEntityRef } from '@edict/policy-lang'

/** `User::"ann"`, `"album:object"::"7"`; quotes may be left out where no shell is to be fought: `User::ann`. */
export function parseEntityReference(text: string): JsonEntityRef | undefined {
  const match = /^("(?:[^"\\]|\\.)*"|[^"]+?)::(.*)$/s.exec(text)
  const type = unquote(match?.[1])
  const id = unquote(match?.[2])
  return type === undefined || id === undefined || type === '' ? undefined : { type, id }
}

function unquote(text: string | undefined): string | undefined {
  if (text === undefined || !text.startsWith('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** As it stands in policy text. */
export function formatEntityReference({ type, id }: JsonEntityRef): string {
  const name = /^[A-Za-z_][A-Za-z0-9_]*$/.test(type) ? type : JSON.stringify(type)
  return `${name}::${JSON.stringify(id)}`
}
